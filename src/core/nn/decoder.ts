// The decoder as a graph: embedding, blocks, final norm.
import { frozen, gatherRows, rmsNorm, type Value } from '../tensor/index.ts'
import { attentionMasks } from './attention.ts'
import { block } from './block.ts'
import { TENSORS, type ModelConfig } from './config.ts'
import type { BatchFeeds } from './feeds.ts'
import type { LoraConfig } from './lora.ts'

/**
 * Hidden states [N, width], after the final norm, of the supervised rows. The last block computes queries, output
 * and MLP for these rows only, keys and values for all. `blocks` are the states before each block and after the last.
 */
export function decoder(
  config: ModelConfig,
  feeds: BatchFeeds,
  lora: LoraConfig | null,
): { hidden: Value; blocks: Value[]; embedding: Value } {
  const { ids, cos, sin, rows } = feeds
  const masks = attentionMasks(feeds)
  const selected = { rows, cos: gatherRows(cos, rows), sin: gatherRows(sin, rows) }

  const embedding = frozen(TENSORS.embedding, [config.vocabulary, config.width])
  let x = gatherRows(embedding, ids)
  const blocks = [x]
  for (let layer = 0; layer < config.layers; layer++) {
    const last = layer === config.layers - 1
    const rest = last ? { mask: masks.selected, selected } : { mask: masks.all, selected: null }
    x = block(x, { config, layer, lora, cos, sin, ...rest })
    blocks.push(x)
  }
  return { hidden: rmsNorm(x, frozen(TENSORS.outputNorm, [config.width]), config.epsilon).y, blocks, embedding }
}

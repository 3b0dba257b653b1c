// The decoder as a graph: embedding, blocks, final norm.
import { constant, gatherRows, mul, rmsNorm, type Value } from '../tensor/index.ts'
import { attentionMasks } from './attention.ts'
import { block, type BlockOptions } from './block.ts'
import { isWindowed, type ModelConfig } from './config.ts'
import type { BatchFeeds, RopeFeeds } from './feeds.ts'
import { familyOf, TENSORS } from './tensors.ts'
import type { Weights } from './weights.ts'

/**
 * Hidden states [N, width], after the final norm, of the supervised rows. The last block computes queries, output
 * and MLP for these rows only, keys and values for all. `blocks` are the states before each block and after the last.
 */
export function decoder(
  config: ModelConfig,
  feeds: BatchFeeds,
  weights: Weights,
): { hidden: Value; blocks: Value[]; embedding: Value } {
  const { ids, rows } = feeds
  const masks = attentionMasks(feeds)
  const full = { ...feeds.rope, masks: masks.full }
  const windowed = feeds.window && masks.window && { ...feeds.window.rope, masks: masks.window }
  /** How the rows of a layer stand; in the last layer queries are those of the supervised rows. */
  const placeOf = (layer: number): Pick<BlockOptions, 'place' | 'selected'> => {
    const { cos, sin, masks } = (isWindowed(config, layer) && windowed) || full
    const place = { cos, sin, masks }
    if (layer < config.layers - 1) return { place, selected: null }
    return { place, selected: { rows, ...selectRows({ cos, sin }, rows) } }
  }

  const embedding = weights.leaf(TENSORS.embedding, [config.vocabulary, config.width])
  const looked = gatherRows(embedding, ids)
  let x = familyOf(config).scaledEmbedding ? mul(looked, constant(Math.sqrt(config.width))) : looked
  const blocks = [x]
  for (let layer = 0; layer < config.layers; layer++) {
    x = block(x, { config, layer, weights, ...placeOf(layer) })
    blocks.push(x)
  }
  return { hidden: rmsNorm(x, weights.leaf(TENSORS.outputNorm, [config.width]), config.epsilon).y, blocks, embedding }
}

const selectRows = ({ cos, sin }: RopeFeeds, rows: Value): RopeFeeds => ({ cos: gatherRows(cos, rows), sin: gatherRows(sin, rows) })

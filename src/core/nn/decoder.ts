// The decoder as a graph: embedding, blocks of grouped attention and gated MLP, final norm.
import {
  add, and, constant, equal, expand, feed, frozen, gatherRows, lessOrEqual, matmul, mul, reshape, rmsNorm, rope, silu,
  softmax, symbol, timesDim, transpose, where,
  type Dim, type Value,
} from '../tensor/index.ts'
import { blockTensors, linearLayers, TENSORS, type ModelConfig } from './config.ts'
import { linear, type Linear, type LoraConfig } from './lora.ts'

/** Tokens of a packed batch. */
export const T = symbol('T')
/** Supervised rows of a batch. */
export const N = symbol('N')

/** What is fed for each batch. `rows[i]` is the token whose hidden state predicts `labels[i]`. */
export const batchFeeds = (config: ModelConfig) => ({
  ids: feed('ids', { shape: [T], dtype: 'i64' }),
  /** Which example a token belongs to; attention never leaves it. */
  segments: feed('segments', { shape: [T], dtype: 'i64' }),
  /** Position within its example. */
  positions: feed('positions', { shape: [T], dtype: 'i64' }),
  cos: feed('cos', { shape: [T, config.headSize / 2] }),
  sin: feed('sin', { shape: [T, config.headSize / 2] }),
  rows: feed('rows', { shape: [N], dtype: 'i64' }),
})
export type BatchFeeds = ReturnType<typeof batchFeeds>

/** Far below any score, yet finite: a row of only this would still give numbers. */
const MASKED = -1e9

/** Additive mask [T queries, T keys]: 0 within the same example at the same or an earlier position. */
function blockMask({ segments, positions }: BatchFeeds): Value {
  const asQuery = (perKey: Value): Value => reshape(perKey, [T, 1])
  const sameExample = equal(asQuery(segments), segments)
  const visible = lessOrEqual(positions, asQuery(positions))
  return where(and(sameExample, visible), constant(0), constant(MASKED))
}

type Block = {
  readonly config: ModelConfig
  readonly layer: number
  readonly lora: LoraConfig | null
  readonly cos: Value
  readonly sin: Value
  /** The mask for scores [heads, rows, keys]. */
  readonly mask: (scores: Value) => Value
  /** Rows that the following layers need; null: all. */
  readonly selected: { readonly rows: Value; readonly cos: Value; readonly sin: Value } | null
}

/** Repeats a mask [rows, keys] over the heads of the first scores that ask for it; all others share that value. */
function repeatedOnce(mask: Value): (scores: Value) => Value {
  let repeated: Value | null = null
  return (scores) => (repeated ??= expand(mask, scores))
}

/** Splits [R, heads * D] into heads: [heads, R, D]. */
const splitHeads = (x: Value, heads: number, size: number): Value =>
  transpose(reshape(x, [x.shape[0] as Dim, heads, size]), [1, 0, 2])

/** Grouped-query attention (arXiv 2305.13245) of q [R, H * D] over k, v [T, K * D]. */
function attention({ q, k, v }: { q: Value; k: Value; v: Value }, { config, mask }: Block): Value {
  const { heads, kvHeads, headSize } = config
  const rows = q.shape[0] as Dim
  const keys = k.shape[0] as Dim
  const group = heads / kvHeads
  // Query heads of one group stand below each other, so that each key head is one matrix product.
  const grouped = reshape(splitHeads(q, heads, headSize), [kvHeads, timesDim(rows, group), headSize])
  const [keyHeads, valueHeads] = [splitHeads(k, kvHeads, headSize), splitHeads(v, kvHeads, headSize)]
  const scores = matmul(grouped, keyHeads, { transposeB: true, alpha: 1 / Math.sqrt(headSize) })
  const perHead = reshape(scores, [heads, rows, keys])
  // The repeated mask is made once for all layers: adding equal shapes is four times as fast as broadcasting each time.
  const weights = softmax(add(perHead, mask(perHead)))
  const mixed = matmul(reshape(weights, [kvHeads, timesDim(rows, group), keys]), valueHeads)
  return reshape(transpose(reshape(mixed, [heads, rows, headSize]), [1, 0, 2]), [rows, heads * headSize])
}

function block(x: Value, options: Block): Value {
  const { config, layer, lora, cos, sin, selected } = options
  const names = blockTensors(layer)
  const layers = new Map(linearLayers(config, layer).map((one) => [one.name, one]))
  const apply = (input: Value, name: string): Value => linear(input, layers.get(name) as Linear, lora)
  const norm = (input: Value, name: string): Value => rmsNorm(input, frozen(name, [config.width]), config.epsilon).y
  const turn = (input: Value, heads: number, tables: { cos: Value; sin: Value }): Value =>
    rope(input, { cos: tables.cos, sin: tables.sin, heads, layout: config.ropeLayout })
  const pickRows = (input: Value): Value => (selected ? gatherRows(input, selected.rows) : input)

  const h = norm(x, names.attentionNorm)
  const q = turn(apply(pickRows(h), names.query), config.heads, selected ?? { cos, sin })
  const k = turn(apply(h, names.key), config.kvHeads, { cos, sin })
  const v = apply(h, names.value)
  const attended = add(pickRows(x), apply(attention({ q, k, v }, options), names.output))

  const m = norm(attended, names.mlpNorm)
  const gated = mul(silu(apply(m, names.gate)), apply(m, names.up))
  return add(attended, apply(gated, names.down))
}

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
  const all = blockMask(feeds)
  const mask = repeatedOnce(all)
  const selectedMask = repeatedOnce(gatherRows(all, rows))
  const selected = { rows, cos: gatherRows(cos, rows), sin: gatherRows(sin, rows) }

  const embedding = frozen(TENSORS.embedding, [config.vocabulary, config.width])
  let x = gatherRows(embedding, ids)
  const blocks = [x]
  for (let layer = 0; layer < config.layers; layer++) {
    const last = layer === config.layers - 1
    const rest = last ? { mask: selectedMask, selected } : { mask, selected: null }
    x = block(x, { config, layer, lora, cos, sin, ...rest })
    blocks.push(x)
  }
  return { hidden: rmsNorm(x, frozen(TENSORS.outputNorm, [config.width]), config.epsilon).y, blocks, embedding }
}

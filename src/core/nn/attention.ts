// Grouped-query attention: who sees whom, heads, scores and their mixture of values.
import {
  add, and, constant, equal, expand, gatherRows, lessOrEqual, matmul, reshape, softmax, timesDim, transpose, where,
  type Dim, type Value,
} from '../tensor/index.ts'
import type { BatchFeeds } from './feeds.ts'

/** Far below any score, yet finite: a row of only this would still give numbers. */
const MASKED = -1e9

/** The mask for scores [heads, rows, keys]. */
export type Mask = (scores: Value) => Value

const asQuery = (perKey: Value): Value => reshape(perKey, [perKey.shape[0] as Dim, 1])

/**
 * Additive masks [T queries, T keys]: 0 within the same example at the same or an earlier position; those of windowed layers
 * only as long as the token is seen.
 */
function blockMasks({ segments, positions, window }: BatchFeeds): { full: Value; window: Value | null } {
  const sameExample = equal(asQuery(segments), segments)
  const visible = and(sameExample, lessOrEqual(positions, asQuery(positions)))
  const additive = (seen: Value): Value => where(seen, constant(0), constant(MASKED))
  return {
    full: additive(visible),
    window: window && additive(and(visible, lessOrEqual(asQuery(positions), window.seenUntil))),
  }
}

/** Repeats a mask [rows, keys] over the heads of the first scores that ask for it; all others share that value. */
function repeatedOnce(mask: Value): Mask {
  let repeated: Value | null = null
  return (scores) => (repeated ??= expand(mask, scores))
}

/** Masks for queries of all tokens, and for queries of the supervised rows only. */
export type Masks = { readonly all: Mask; readonly selected: Mask }

/** Of layers that see everything before them, and of windowed layers, if the model has any. */
export function attentionMasks(feeds: BatchFeeds): { full: Masks; window: Masks | null } {
  const masks = blockMasks(feeds)
  const both = (mask: Value): Masks => ({ all: repeatedOnce(mask), selected: repeatedOnce(gatherRows(mask, feeds.rows)) })
  return { full: both(masks.full), window: masks.window && both(masks.window) }
}

/** Splits [R, heads * D] into heads: [heads, R, D]. */
const splitHeads = (x: Value, heads: number, size: number): Value =>
  transpose(reshape(x, [x.shape[0] as Dim, heads, size]), [1, 0, 2])

export type AttentionOptions = {
  readonly heads: number
  readonly kvHeads: number
  readonly headSize: number
  /** Factor of the products of queries and keys. */
  readonly scale: number
  readonly mask: Mask
}

/** Grouped-query attention (arXiv 2305.13245) of q [R, H * D] over k, v [T, K * D]. */
export function attention({ q, k, v }: { q: Value; k: Value; v: Value }, options: AttentionOptions): Value {
  const { heads, kvHeads, headSize, scale, mask } = options
  const rows = q.shape[0] as Dim
  const keys = k.shape[0] as Dim
  const group = heads / kvHeads
  // Query heads of one group stand below each other, so that each key head is one matrix product.
  const grouped = reshape(splitHeads(q, heads, headSize), [kvHeads, timesDim(rows, group), headSize])
  const [keyHeads, valueHeads] = [splitHeads(k, kvHeads, headSize), splitHeads(v, kvHeads, headSize)]
  const scores = matmul(grouped, keyHeads, { transposeB: true, alpha: scale })
  const perHead = reshape(scores, [heads, rows, keys])
  // The repeated mask is made once for all layers: adding equal shapes is four times as fast as broadcasting each time.
  const weights = softmax(add(perHead, mask(perHead)))
  const mixed = matmul(reshape(weights, [kvHeads, timesDim(rows, group), keys]), valueHeads)
  return reshape(transpose(reshape(mixed, [heads, rows, headSize]), [1, 0, 2]), [rows, heads * headSize])
}

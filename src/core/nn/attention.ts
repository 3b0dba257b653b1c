// Grouped-query attention: who sees whom, heads, and their mixture of values.
import {
  and, attend, concat, constant, gatherRows, lessOrEqual, reshape, slice, split, timesDim, transpose, where,
  type Dim, type Value,
} from '../tensor/index.ts'
import { PARTS, U, type BatchFeeds } from './feeds.ts'

/** Far below any score, yet finite: a row of only this would still give numbers. */
const MASKED = -1e9

const asQuery = (perKey: Value): Value => reshape(perKey, [1, perKey.shape[0] as Dim, 1])
const PART_NUMBERS = Array.from({ length: PARTS }, (_, i) => i)
/** Cuts [T, ..] into parts [U, ..]. */
const part = (x: Value, i: number): Value =>
  reshape(slice(reshape(x, [PARTS, U, ...x.shape.slice(1)]), { axis: 0, start: i, end: i + 1 }), [U, ...x.shape.slice(1)])
/** The first `count` parts of [T]. */
const firstParts = (x: Value, count: number): Value =>
  reshape(slice(reshape(x, [PARTS, U]), { axis: 0, start: 0, end: count }), [timesDim(U, count)])

/**
 * Additive mask [1, queries, keys]: 0 where the key stands no later than the query and is seen by it; of windowed layers only
 * as long as the token is seen from the query's position.
 */
function additiveMask(query: Seen, key: Seen): Value {
  const seen = and(lessOrEqual(key.index, asQuery(query.index)), lessOrEqual(asQuery(query.index), key.lastSeer))
  const near = key.seenUntil ? and(seen, lessOrEqual(asQuery(query.positions), key.seenUntil)) : seen
  return where(near, constant(0), constant(MASKED))
}

/** What decides who sees whom, per token; `seenUntil` of windowed layers alone. */
type Seen = { readonly index: Value; readonly lastSeer: Value; readonly positions: Value; readonly seenUntil: Value | null }

/** The mask of some queries [1, rows, keys], made for heads in groups: [groups, heads / groups * rows, keys]. */
export type Mask = (heads: number, groups: number) => Value

/** Repeated over the heads once; all layers share that value, since adding equal shapes is far faster than broadcasting. */
function repeatedOnce(mask: Value): Mask {
  const [, rows, keys] = mask.shape as [1, Dim, Dim]
  let repeated: Value | null = null
  return (heads, groups) => {
    repeated ??= reshape(concat(Array.from({ length: heads }, () => mask), 0), [groups, timesDim(rows, heads / groups), keys])
    return repeated
  }
}

/** Masks of each part of the queries over the keys up to its end; of the supervised rows, over all keys. */
export type Masks = { readonly parts: readonly Mask[]; readonly selected: Mask }

/** Of layers that see everything before them, and of windowed layers, if the model has any. */
export function attentionMasks({ index, lastSeer, positions, window, rows }: BatchFeeds): { full: Masks; window: Masks | null } {
  const masks = (seenUntil: Value | null): Masks => {
    const all: Seen = { index, lastSeer, positions, seenUntil }
    const of = (take: (x: Value) => Value): Seen => ({
      index: take(index),
      lastSeer: take(lastSeer),
      positions: take(positions),
      seenUntil: seenUntil && take(seenUntil),
    })
    return {
      parts: PART_NUMBERS.map((i) => repeatedOnce(additiveMask(of((x) => part(x, i)), of((x) => firstParts(x, i + 1))))),
      selected: repeatedOnce(additiveMask(of((x) => gatherRows(x, rows)), all)),
    }
  }
  return { full: masks(null), window: window && masks(window.seenUntil) }
}

export type AttentionOptions = {
  readonly heads: number
  readonly kvHeads: number
  readonly headSize: number
  /** Factor of the products of queries and keys. */
  readonly scale: number
  readonly masks: Masks
  /** Whether q has the supervised rows only; else all. */
  readonly selected: boolean
}

/**
 * Grouped-query attention (arXiv 2305.13245) of q [R, H * D] over k, v [T, K * D]. Queries of all tokens come in parts, each
 * over the keys up to its end: nothing behind them is seen, so that it need not be computed. Query heads of one group stand
 * below each other, so that each key head is one matrix product.
 */
export function attention({ q, k, v }: { q: Value; k: Value; v: Value }, options: AttentionOptions): Value {
  const { heads, kvHeads, headSize, scale, masks, selected } = options
  const rows = q.shape[0] as Dim
  const group = heads / kvHeads
  /** [T, K * D] to [K, PARTS, U, D]. */
  const inParts = (x: Value): Value =>
    reshape(transpose(reshape(x, [x.shape[0] as Dim, kvHeads, headSize]), [1, 0, 2]), [kvHeads, PARTS, U, headSize])
  const [keys, values] = [inParts(k), inParts(v)]
  const first = (x: Value, count: number): Value =>
    reshape(slice(x, { axis: 1, start: 0, end: count }), [kvHeads, timesDim(U, count), headSize])

  if (selected) {
    const grouped = reshape(transpose(reshape(q, [rows, heads, headSize]), [1, 0, 2]), [kvHeads, timesDim(rows, group), headSize])
    const mixed = attend({ q: grouped, k: first(keys, PARTS), v: first(values, PARTS), mask: masks.selected(heads, kvHeads), scale })
    return reshape(transpose(reshape(mixed, [heads, rows, headSize]), [1, 0, 2]), [rows, heads * headSize])
  }
  const queries = reshape(transpose(reshape(q, [PARTS, U, heads, headSize]), [0, 2, 1, 3]), [PARTS * kvHeads, timesDim(U, group), headSize])
  const mixed = split(queries, PART_NUMBERS.map(() => kvHeads), 0).map((query, i) =>
    attend({ q: query, k: first(keys, i + 1), v: first(values, i + 1), mask: (masks.parts[i] as Mask)(heads, kvHeads), scale }),
  )
  return reshape(transpose(reshape(concat(mixed, 0), [PARTS, heads, U, headSize]), [0, 2, 1, 3]), [rows, heads * headSize])
}

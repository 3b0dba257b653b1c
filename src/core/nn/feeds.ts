// What is fed to a graph for each packed batch, and the sizes that vary from batch to batch.
import type { FedTensor } from '../ports/index.ts'
import { feed, symbol, timesDim, type Bindings, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { ropeTables, type Rope } from './rope.ts'

/** Parts of a batch's tokens in which attention is computed: with 4, five eighths of all pairs of tokens. */
export const PARTS = 4
/** Tokens of one part. */
export const U = symbol('U')
/** Tokens of a packed batch: a multiple of PARTS. */
export const T = timesDim(U, PARTS)
/** Supervised rows of a batch. */
export const N = symbol('N')

/** The dynamic sizes of a batch: its tokens, whole parts or not, and its supervised rows. */
export const batchSizes = ({ tokens, rows }: { readonly tokens: number; readonly rows: number }): Bindings =>
  new Map([['U', Math.ceil(tokens / PARTS)], ['N', rows]])

/** Rotary tables [T, pairs] of a kind of layers. */
export type RopeFeeds = { readonly cos: Value; readonly sin: Value }
const ropeFeeds = ({ frequencies }: Rope, suffix = ''): RopeFeeds => ({
  cos: feed(`cos${suffix}`, { shape: [T, frequencies.length] }),
  sin: feed(`sin${suffix}`, { shape: [T, frequencies.length] }),
})

const WINDOW = '_window'

/** What is fed for each batch. `rows[i]` is the token whose hidden state predicts `labels[i]`. */
export const batchFeeds = (config: ModelConfig) => ({
  ids: feed('ids', { shape: [T], dtype: 'i64' }),
  /** 0, 1, .., T - 1. */
  index: feed('index', { shape: [T], dtype: 'i64' }),
  /** Index of the last token that sees this one: those between see it too, and nothing else. */
  lastSeer: feed('last_seer', { shape: [T], dtype: 'i64' }),
  /** Position within its example. */
  positions: feed('positions', { shape: [T], dtype: 'i64' }),
  rope: ropeFeeds(config.rope),
  /** Of layers that see a window: their tables, and the last position from which each token is still seen. */
  window: config.window && { rope: ropeFeeds(config.window.rope, WINDOW), seenUntil: feed('seen_until', { shape: [T], dtype: 'i64' }) },
  rows: feed('rows', { shape: [N], dtype: 'i64' }),
})
export type BatchFeeds = ReturnType<typeof batchFeeds>

/** The feeds that follow from the tokens' positions. */
export function positionFeeds(config: ModelConfig, positions: readonly number[]): Map<string, FedTensor> {
  const whole = (values: readonly number[]): FedTensor => ({ dtype: 'i64', shape: [values.length], data: BigInt64Array.from(values, BigInt) })
  const tables = (rope: Rope, suffix = ''): [string, FedTensor][] => {
    const shape = [positions.length, rope.frequencies.length]
    const { cos, sin } = ropeTables(rope, positions)
    return [[`cos${suffix}`, { dtype: 'f32', shape, data: cos }], [`sin${suffix}`, { dtype: 'f32', shape, data: sin }]]
  }
  const { rope, window } = config
  return new Map([
    ...tables(rope),
    ...(window ? [...tables(window.rope, WINDOW), ['positions', whole(positions)] as const, ['seen_until', whole(positions.map((p) => p + window.size - 1))] as const] : []),
  ])
}

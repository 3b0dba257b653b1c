// What is fed to a graph for each packed batch, and the sizes that vary from batch to batch.
import { feed, symbol } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'

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

// A packed batch: examples as a tree of tokens, each seeing its own beginning only, and the supervised targets.
import { PARTS, positionFeeds, type ModelConfig, type Parameters, type TrainedTensor } from '../../nn/index.ts'
import type { FedTensor } from '../../ports/index.ts'
import { layPrefixTree } from './prefixTree.ts'

export type TokenSequence = { readonly ids: readonly number[] }

/** Where a result row of the graph comes from: token `token` of sequence `sequence` was predicted. */
export type Target = { readonly sequence: number; readonly token: number }

export type Batch = {
  readonly feeds: ReadonlyMap<string, FedTensor>
  /** One per row of `nll` and `correct`. */
  readonly targets: readonly Target[]
  /** Tokens of each sequence, up to its last target. */
  readonly ends: readonly number[]
  /** Tokens that run through the model: what sequences begin with in common runs once. */
  readonly computed: number
}

export type BatchOptions = {
  readonly config: ModelConfig
  readonly sequences: readonly TokenSequence[]
  /** Weight of token `token` (1 or later) as a target; null: not a target. */
  readonly weightOf: (target: Target) => number | null
}

const i64 = (values: readonly number[]): FedTensor => ({
  dtype: 'i64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
})
const f32 = (shape: readonly number[], data: Float32Array): FedTensor => ({ dtype: 'f32', shape, data })

/** Feeds of one pass. Tokens behind a sequence's last target are left out: nothing depends on them. Throws without targets. */
export function makeBatch({ config, sequences, weightOf }: BatchOptions): Batch {
  const targets: Target[] = []
  const weights: number[] = []
  const ends = sequences.map(({ ids }, sequence) => {
    let end = 0
    for (let token = 1; token < ids.length; token++) {
      const weight = weightOf({ sequence, token })
      if (weight === null) continue
      weights.push(weight)
      targets.push({ sequence, token })
      end = token
    }
    return end
  })
  if (targets.length === 0) throw new Error('a batch needs at least one target')
  const { ids, positions, lastSeer, rows } = layPrefixTree(sequences.map((sequence, i) => sequence.ids.slice(0, ends[i])))
  const computed = ids.length
  // Filled up to whole parts with tokens that see themselves only and that nothing reads.
  while (ids.length % PARTS !== 0) {
    lastSeer.push(ids.length)
    ids.push(0)
    positions.push(0)
  }
  const feeds = new Map<string, FedTensor>([
    ['ids', i64(ids)],
    ['index', i64(ids.map((_, i) => i))],
    ['last_seer', i64(lastSeer)],
    ...positionFeeds(config, positions),
    // A token from which several sequences go on stands in several rows, each with its own label.
    ['rows', i64(targets.map(({ sequence, token }) => rows[sequence]?.[token - 1] as number))],
    ['labels', i64(targets.map(({ sequence, token }) => sequences[sequence]?.ids[token] as number))],
    ['weights', f32([weights.length], Float32Array.from(weights))],
  ])
  return { feeds, targets, ends, computed }
}

/** Trained tensors, such as an adapter's matrices, as feeds of a graph that has them. */
export const adapterFeeds = (tensors: readonly TrainedTensor[], parameters: Parameters): Map<string, FedTensor> =>
  new Map(
    tensors.map(({ name, shape }) => [name, f32(shape, parameters.get(name) as Float32Array)]),
  )

// A packed batch: examples one behind the other, attention kept apart by sequence, and the supervised targets.
import { PARTS, positionFeeds, type ModelConfig, type Parameters, type TrainedTensor } from '../../nn/index.ts'
import type { FedTensor } from '../../ports/index.ts'

export type TokenSequence = { readonly ids: readonly number[] }

/** Where a result row of the graph comes from: token `token` of sequence `sequence` was predicted. */
export type Target = { readonly sequence: number; readonly token: number }

export type Batch = {
  readonly feeds: ReadonlyMap<string, FedTensor>
  /** One per row of `nll` and `correct`. */
  readonly targets: readonly Target[]
  /** Tokens that run through the model. */
  readonly tokens: number
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
  const ids: number[] = []
  const lastSeer: number[] = []
  const positions: number[] = []
  const rows: number[] = []
  const labels: number[] = []
  const weights: number[] = []
  const targets: Target[] = []
  sequences.forEach((sequence, index) => {
    const start = ids.length
    let length = 0
    for (let token = 1; token < sequence.ids.length; token++) {
      const target = { sequence: index, token }
      const weight = weightOf(target)
      if (weight === null) continue
      rows.push(start + token - 1)
      labels.push(sequence.ids[token] as number)
      weights.push(weight)
      targets.push(target)
      length = token
    }
    for (let position = 0; position < length; position++) {
      ids.push(sequence.ids[position] as number)
      lastSeer.push(start + length - 1)
      positions.push(position)
    }
  })
  if (targets.length === 0) throw new Error('a batch needs at least one target')
  const tokens = ids.length
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
    ['rows', i64(rows)],
    ['labels', i64(labels)],
    ['weights', f32([weights.length], Float32Array.from(weights))],
  ])
  return { feeds, targets, tokens }
}

/** Trained tensors, such as an adapter's matrices, as feeds of a graph that has them. */
export const adapterFeeds = (tensors: readonly TrainedTensor[], parameters: Parameters): Map<string, FedTensor> =>
  new Map(
    tensors.map(({ name, shape }) => [name, f32(shape, parameters.get(name) as Float32Array)]),
  )

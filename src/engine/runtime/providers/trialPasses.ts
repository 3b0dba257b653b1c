// The passes of a self-test: a training graph with the features that are asked for, and what it is fed.
import {
  gradientOf, trainedTensors, trainingGraph, type LossTerm, type ModelConfig, type TrainedTensor, type Trainable,
} from '../../../core/nn/index.ts'
import { adapterFeeds, distributionFeeds, makeBatch, type FedTerm } from '../../../core/pipeline/training/index.ts'
import type { FedTensor, TeacherRow } from '../../../core/ports/index.ts'
import { createRandom, type Random } from '../../../core/random.ts'
import type { Value } from '../../../core/tensor/index.ts'
import type { TrainingFeature } from '../../../shared/contract/providers.ts'
import { trialWeights } from './trialModel.ts'

const LORA = { rank: 4, alpha: 8 }
const DROPOUT = 0.3
const TOP = 4

export type TrialPass = {
  readonly name: string
  readonly outputs: ReadonlyMap<string, Value>
  readonly feeds: ReadonlyMap<string, FedTensor>
  /** Outputs that are compared beside the loss. */
  readonly gradients: readonly string[]
  /** Share of an adapter's inputs that is dropped. */
  readonly dropout: number
  /** Whether weights of the student are read that are not fed. */
  readonly frozen: boolean
}

/** A row of the table for a teacher with other tokens and one for the base: between them all operators that losses against distributions have. */
const TERMS: readonly LossTerm[] = [
  { source: 'teacher', loss: 'uld', given: { kind: 'otherTokens', k: TOP, rest: TOP, overlap: 0.75 }, beta: 0, temperature: 2 },
  { source: 'base', loss: 'jsd', given: { kind: 'top', k: TOP }, beta: 0.5, temperature: 2 },
]

/** All features of an adapter in one graph, since each costs a compilation; training all weights is another graph. */
export function trialPasses(config: ModelConfig, { features, scaleLoss }: { readonly features: readonly TrainingFeature[]; readonly scaleLoss: boolean }): TrialPass[] {
  const has = (feature: TrainingFeature): boolean => features.includes(feature)
  const dropout = has('dropout') ? DROPOUT : 0
  const terms = has('distributions') ? TERMS : []
  const onlyFull = features.length === 1 && has('full')
  return [
    ...(onlyFull ? [] : [passOf(config, { name: 'adapter', trainable: { ...LORA, dropout }, terms, recompute: has('recompute'), scaleLoss })]),
    // One block has all that is different there: gradients of norms, of products and of the embedding.
    ...(has('full') ? [passOf({ ...config, layers: 1 }, { name: 'full', trainable: 'full', terms: [], recompute: false, scaleLoss })] : []),
  ]
}

type Made = { readonly name: string; readonly trainable: Trainable; readonly terms: readonly LossTerm[]; readonly recompute: boolean; readonly scaleLoss: boolean }

function passOf(config: ModelConfig, { name, trainable, ...options }: Made): TrialPass {
  const tensors = trainedTensors(config, trainable)
  return {
    name,
    outputs: trainingGraph(config, trainable, options),
    feeds: feedsOf(config, { tensors, trainable, terms: options.terms }),
    gradients: tensors.map((tensor) => gradientOf(tensor.name)),
    dropout: trainable === 'full' ? 0 : (trainable.dropout ?? 0),
    frozen: trainable !== 'full',
  }
}

type Fed = { readonly tensors: readonly TrainedTensor[]; readonly trainable: Trainable; readonly terms: readonly LossTerm[] }

/** Two packed sequences, the beginning of the first unsupervised; adapters that are no longer "no change". */
function feedsOf(config: ModelConfig, { tensors, trainable, terms }: Fed): Map<string, FedTensor> {
  const random = createRandom(3)
  const sequences = [18, 11].map((length) => ({ ids: Array.from({ length }, () => Math.floor(random.next() * config.vocabulary)) }))
  const { feeds, targets } = makeBatch({ config, sequences, weightOf: ({ sequence, token }) => (sequence === 0 && token < 6 ? null : 1 / 22) })
  const parameters =
    trainable === 'full'
      ? trialWeights(config)
      : new Map(tensors.map(({ name, shape: [rows = 0, columns = 0] }) => [name, Float32Array.from({ length: rows * columns }, () => (2 * random.next() - 1) / Math.sqrt(columns))]))
  const labels = targets.map(({ sequence, token }) => sequences[sequence]?.ids[token] as number)
  const extra = terms.length === 0 ? [] : distributionFeeds(labels, terms.map((term) => fedTerm(config, { term, random, rows: labels.length })))
  return new Map([...feeds, ...adapterFeeds(tensors, parameters), ...extra])
}

/** Made-up distributions: of the first, one token is a string that the student lacks. */
function fedTerm({ vocabulary }: ModelConfig, { term, random, rows }: { readonly term: LossTerm; readonly random: Random; readonly rows: number }): FedTerm {
  const other = term.given.kind === 'otherTokens'
  const made: TeacherRow[] = Array.from({ length: rows }, () => {
    const first = Math.floor(random.next() * vocabulary)
    const ids = Array.from({ length: TOP }, (_, i) => (other && i === 1 ? -1 : (first + 7 * i) % vocabulary))
    return { ids, logProbs: ids.map((_, i) => Math.log(0.4 / 2 ** i)) }
  })
  const shared = Uint8Array.from({ length: vocabulary }, (_, id) => Number(id % 4 !== 0))
  return { term, rowOf: (target) => made[target] as TeacherRow, weightOf: () => 0.5 / rows, vocabulary: other ? { shared, overlap: 0.75 } : null }
}

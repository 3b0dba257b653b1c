// The graphs a trainer runs: training (loss and gradients of what is trained) and scoring (losses only).
import { feed, frozen, gradients, topologicalOrder, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { decoder } from './decoder.ts'
import { batchFeeds, N } from './feeds.ts'
import { keepsProducts, keepsStates } from './keeping.ts'
import { scaledGradients } from './lossScale.ts'
import { headLoss, topOfHead, type LossTerm } from './losses/index.ts'
import { TENSORS } from './tensors.ts'
import { trainedTensors, weightsOf, type Trainable } from './weights.ts'

export const gradientOf = (matrix: string): string => `d_${matrix}`

type LossParts = { readonly terms?: readonly LossTerm[]; readonly trainHead?: boolean }

function lossOf(config: ModelConfig, trainable: Trainable | null, { terms = [], trainHead = trainable === 'full' }: LossParts = {}) {
  const source = weightsOf(trainable)
  const { hidden, blocks, embedding } = decoder(config, batchFeeds(config), source)
  // Tied models use the embedding itself as head: the same leaf, so that it is stored once, and its gradient holds both uses.
  const head = config.tied ? embedding : source.leaf(TENSORS.head, [config.vocabulary, config.width])
  const labels = feed('labels', { shape: [N], dtype: 'i64' })
  const weights = feed('weights', { shape: [N] })
  return { ...headLoss(hidden, { head, labels, weights, terms, trainHead }), blocks }
}

/** Output [N] with the losses of a term. */
export const termLossOf = (source: LossTerm['source']): string => `${source}Loss`

export type TrainingGraphOptions = {
  readonly recompute?: boolean
  /** For half precision: the loss is scaled by a fed number before the backward pass, the gradients after it. */
  readonly scaleLoss?: boolean
  /** Losses against distributions, beside the cross entropy. */
  readonly terms?: readonly LossTerm[]
}

/**
 * Outputs of one training pass: `loss` = sum of weight * nll and of each term's weight * loss (feed weights already divided by
 * the step's sum), `nll` and `correct` [N], each term's losses [N] by the name `termLossOf`, and for each trained
 * tensor its gradient by the name `gradientOf`. With `recompute` each block is computed again in the backward pass instead of
 * keeping its inner values: less memory, more time, same numbers.
 */
export function trainingGraph(
  config: ModelConfig,
  trainable: Trainable,
  { recompute = false, scaleLoss = false, terms = [] }: TrainingGraphOptions = {},
): Map<string, Value> {
  const { loss, nll, correct, blocks, terms: ofTerms } = lossOf(config, trainable, { terms })
  const leaves = new Map<string, Value>()
  for (const node of topologicalOrder([loss])) {
    if (node.op === 'leaf' && 'role' in node.attributes && node.attributes.role === 'trained')
      leaves.set(node.attributes.name, node.outputs[0] as Value)
  }
  const names = trainedTensors(config, trainable).map(({ name }) => name)
  const wrt = names.map((name) => leaves.get(name) as Value)
  const grads = (scaleLoss ? scaledGradients : gradients)(loss, wrt, { keeps: recompute ? keepsStates(blocks) : keepsProducts })
  return new Map([
    ['loss', loss],
    ['nll', nll],
    ['correct', correct],
    ...[...ofTerms].map(([source, value]) => [termLossOf(source), value] as const),
    ...names.map((name, i) => [gradientOf(name), grads[i] as Value] as const),
  ])
}

/** Outputs of a forward pass of the plain student: `topIds` [N, k] of the most probable next tokens and their `topLogProbs` [N, k]. */
export function distributionGraph(config: ModelConfig, k: number): Map<string, Value> {
  const { hidden, embedding } = decoder(config, batchFeeds(config), weightsOf(null))
  const head = config.tied ? embedding : frozen(TENSORS.head, [config.vocabulary, config.width])
  const { ids, logProbs } = topOfHead(hidden, head, k)
  return new Map([['topIds', ids], ['topLogProbs', logProbs]])
}

/** Outputs of a forward pass: `nll` and `correct` [N]; with the whole adapter, or all weights fed, when that is trained. */
export function scoringGraph(config: ModelConfig, trainable: Trainable | null): Map<string, Value> {
  const served = trainable === null || trainable === 'full' ? trainable : { ...trainable, dropout: 0 }
  const { nll, correct } = lossOf(config, served, { trainHead: false })
  return new Map([['nll', nll], ['correct', correct]])
}

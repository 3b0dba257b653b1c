// Training every weight of a model on windows of text: accumulated gradients, clipping, AdamW, and what happens between steps.
import type { PretrainStep } from '../../../shared/contract/pretraining.ts'
import { RetortError } from '../../../shared/errors.ts'
import {
  adamW, ADAMW_DEFAULTS, clipFactor, globalNorm, gradientOf, scheduleFactor, trainedTensors, type ModelConfig, type TrainedTensor,
} from '../../nn/index.ts'
import type { CompiledGraph, FedTensor } from '../../ports/index.ts'
import { adapterFeeds, judgeStep, makeBatch, type GuardAlert, type TrainState } from '../training/index.ts'
import { orderOfWindows, type Piece } from './windows.ts'

export type TextData = { readonly stream: Uint32Array; readonly windows: readonly (readonly Piece[])[] }

export type PretrainLoop = {
  readonly config: ModelConfig
  readonly data: TextData
  readonly steps: number
  /** Windows of an optimiser step. */
  readonly perStep: number
  /** At its highest; after the warm-up it falls to 0 by half a cosine. */
  readonly lr: number
  readonly warmupSteps: number
  readonly weightDecay: number
  readonly clipNorm: number
  readonly seed: number
  readonly graph: CompiledGraph
  readonly state: TrainState
  /** Milliseconds. */
  readonly now: () => number
  /** Asked before every window. */
  readonly proceed: () => Promise<'go' | 'stop'>
  /** Called before every step, with the steps done; 'stop' ends the loop. */
  readonly beforeStep?: (done: number) => Promise<'go' | 'stop'>
  /** Called after every step with the state as it now is. */
  readonly onStep: (metrics: PretrainStep, state: TrainState) => void
  readonly onAlert: (alert: GuardAlert) => void
}

/** Of language models that are trained from nothing, e.g. arXiv 2302.13971, section 2.3: the second moment forgets sooner. */
const BETA2 = 0.95

/** Decay pulls products towards 0; norms and the vectors of tokens, which are looked up, are left alone. */
export const decays = (name: string, shapes: ReadonlyMap<string, readonly number[]>): boolean =>
  (shapes.get(name)?.length ?? 0) > 1 && name !== 'token_embd.weight'

/** The same numbers as if the run had never been interrupted: a step that was begun is given up. */
export async function runPretraining(loop: PretrainLoop): Promise<'finished' | 'stopped'> {
  const { config, data, state, steps } = loop
  const tensors = trainedTensors(config, 'full')
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]))
  const optimiser = adamW({ ...ADAMW_DEFAULTS, beta2: BETA2, weightDecay: loop.weightDecay, decays: (name) => decays(name, shapes) })
  const order = orderOfWindows(data.windows.length, { perStep: loop.perStep, seed: loop.seed })
  for (let step = 0; step < state.step; step++) order.next()
  while (state.step < steps) {
    if ((await loop.beforeStep?.(state.step)) === 'stop') return 'stopped'
    const started = loop.now()
    const made = await gradientsOf(order.next().value, { ...loop, tensors })
    if (made === null) return 'stopped'
    const { loss, gradients, tokens } = made
    const gradNorm = globalNorm(gradients)
    const schedule = { shape: 'cosine', warmupSteps: loop.warmupSteps, steps } as const
    const lr = loop.lr * scheduleFactor(state.step, schedule) * state.guard.lrFactor
    const step = state.step + 1
    const { take, goOn, alerts, state: guard } = judgeStep(state.guard, { step, loss, gradNorm })
    if (take) optimiser.update(state.parameters, { gradients, scale: clipFactor(gradNorm, loop.clipNorm), state: state.optimiser, lr })
    state.step = step
    state.guard = guard
    for (const alert of alerts) loop.onAlert(alert)
    const seconds = (loop.now() - started) / 1000
    loop.onStep({ step, loss: take ? loss : null, lr, gradNorm: take ? gradNorm : null, tokens, seconds }, state)
    if (!goOn) {
      const advice = 'start again with a lower learning rate (--lr)'
      throw new RetortError({ code: 'diverged', message: `training diverged at step ${step}`, found: alerts.at(-1)?.text ?? '', expected: 'finite losses and gradients', advice })
    }
  }
  return 'finished'
}

type Step = Pick<PretrainLoop, 'config' | 'data' | 'graph' | 'state' | 'proceed'> & { readonly tensors: readonly TrainedTensor[] }

/** Mean loss (nats) and its gradients over the windows; null when the run shall stop. */
async function gradientsOf(indices: readonly number[], step: Step): Promise<{ loss: number; gradients: Map<string, Float32Array>; tokens: number } | null> {
  const { config, data, graph, state, tensors } = step
  const windows = indices.map((index) => data.windows[index] as readonly Piece[])
  const tokens = windows.flat().reduce((sum, { from, to }) => sum + to - from, 0)
  const gradients = new Map<string, Float32Array>()
  let loss = 0
  for (const window of windows) {
    if ((await step.proceed()) === 'stop') return null
    const feeds = new Map([...windowFeeds(window, { config, stream: data.stream, weight: 1 / tokens }), ...adapterFeeds(tensors, state.parameters)])
    const results = await graph.run(feeds)
    loss += (results.get('loss') as Float32Array)[0] as number
    for (const { name } of tensors) {
      const part = results.get(gradientOf(name)) as Float32Array
      const sum = gradients.get(name)
      if (!sum) gradients.set(name, part)
      else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (part[i] as number)
    }
  }
  return { loss, gradients, tokens }
}

/** What is fed for a window: each piece on its own, all tokens but the first of each predicted. */
export function windowFeeds(
  window: readonly Piece[],
  { config, stream, weight }: { readonly config: ModelConfig; readonly stream: Uint32Array; readonly weight: number },
): ReadonlyMap<string, FedTensor> {
  const sequences = window.map(({ from, to }) => ({ ids: Array.from(stream.subarray(from, to + 1)) }))
  return makeBatch({ config, sequences, weightOf: () => weight }).feeds
}

/** Mean negative log-likelihood (nats) of the windows' tokens; null when asked to stop. `graph`: the scoring graph with every weight fed. */
export async function textLoss(data: TextData, { config, graph, state, proceed }: Omit<Step, 'data' | 'tensors'>): Promise<{ nll: number; tokens: number } | null> {
  const parameters = adapterFeeds(trainedTensors(config, 'full'), state.parameters)
  let [nll, tokens] = [0, 0]
  for (const window of data.windows) {
    if ((await proceed()) === 'stop') return null
    const results = await graph.run(new Map([...windowFeeds(window, { config, stream: data.stream, weight: 1 }), ...parameters]))
    for (const value of results.get('nll') as Float32Array) nll += value
    tokens += (results.get('nll') as Float32Array).length
  }
  return { nll: nll / tokens, tokens }
}

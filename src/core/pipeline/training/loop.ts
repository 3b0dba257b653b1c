// The training loop: passes with accumulated gradients, clipping, the optimiser, and what happens between them.
import type { MetricsLine } from '../../../shared/contract/training.ts'
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import { RetortError } from '../../../shared/errors.ts'
import {
  adamW, clipGlobalNorm, gradientOf, loraMatrices,
  type AdamWSettings, type AdamWState, type LoraConfig, type ModelConfig, type Parameters,
} from '../../nn/index.ts'
import type { CompiledGraph } from '../../ports/index.ts'
import { adapterFeeds, makeBatch } from './batch.ts'
import { judgeStep, type GuardAlert, type GuardState } from './guard.ts'
import type { PlannedStep } from './plan.ts'
import { createTally } from './tally.ts'

/** All that a run carries from step to step. */
export type TrainState = {
  /** Completed optimiser steps. */
  step: number
  readonly parameters: Parameters
  readonly optimiser: AdamWState
  guard: GuardState
}

export type TrainLoop = {
  readonly config: ModelConfig
  readonly lora: LoraConfig
  readonly adamW: AdamWSettings
  /** 0: no clipping. */
  readonly clipNorm: number
  readonly examples: readonly MaskedExample[]
  readonly steps: readonly PlannedStep[]
  readonly graph: CompiledGraph
  readonly state: TrainState
  /** Milliseconds. */
  readonly now: () => number
  /** Called before every pass; resolves when the loop may go on, and says whether it shall. */
  readonly proceed: () => Promise<'go' | 'stop'>
  /** Called before every step, with the steps done; may wait, which is not the step's time. 'stop' ends the loop. */
  readonly beforeStep?: (done: number) => Promise<'go' | 'stop'>
  /** Called after every step with the state as it now is. */
  readonly onStep: (metrics: MetricsLine, state: TrainState) => void
  /** Called before `onStep` with what the guard found in the step. */
  readonly onAlert?: (alert: GuardAlert & { readonly step: number }) => void
}

/**
 * Runs from `state.step` to the end of the plan. A stop takes effect before the next pass; a step begun is then
 * given up, so that the state is always that of a whole number of steps and a resumed run repeats the rest exactly.
 * A step whose loss or gradients are not finite counts as done and changes no parameter (see `judgeStep`). Throws RetortError
 * `diverged`, after its `onStep`, when the guard ends the run.
 */
export async function runTraining(loop: TrainLoop): Promise<'finished' | 'stopped'> {
  const optimiser = adamW(loop.adamW)
  const { state } = loop
  while (state.step < loop.steps.length) {
    if ((await loop.beforeStep?.(state.step)) === 'stop') return 'stopped'
    const planned = loop.steps[state.step] as PlannedStep
    const started = loop.now()
    const result = await runPasses(loop, { ...planned, reference: isReference(state.step) })
    if (result === 'stopped') return 'stopped'
    const { loss, gradients, kinds, tokens, trainedTokens, waited } = result
    const gradNorm = clipGlobalNorm(gradients, loop.clipNorm)
    const lr = planned.lr * state.guard.lrFactor
    const step = state.step + 1
    const { take, goOn, alerts, state: guard } = judgeStep(state.guard, { step, loss, gradNorm })
    if (take) optimiser.update(state.parameters, { gradients, state: state.optimiser, lr })
    state.step = step
    state.guard = guard
    const means = Object.entries(take ? kinds.byLabel() : {})
    const metrics: MetricsLine = {
      step,
      loss: take ? loss : null,
      byKind: Object.fromEntries(means.map(([kind, mean]) => [kind, mean.nll])),
      actAccuracy: take ? (kinds.byLabel().act?.accuracy ?? null) : null,
      lr,
      gradNorm: take ? gradNorm : null,
      tokens,
      trainedTokens,
      seconds: (loop.now() - started - waited) / 1000,
    }
    for (const alert of alerts) loop.onAlert?.({ ...alert, step })
    loop.onStep(metrics, state)
    if (!goOn) throw diverged(alerts.at(-1)?.text ?? '', step)
  }
  return 'finished'
}

const diverged = (found: string, step: number): RetortError =>
  new RetortError({
    code: 'diverged',
    message: `training diverged at step ${step}`,
    found,
    expected: 'finite losses and gradients',
    advice: 'start again with a lower learning rate, or take the best checkpoint: retort export --which best',
  })

/** Steps between two that also report the losses of what the environment wrote: the head's rows cost time. */
const REFERENCE_EVERY = 10

const isReference = (step: number): boolean => step % REFERENCE_EVERY === 0

/** Tokens that run through the model in a step of the plan, by its index: each example's up to its last target. */
export function stepTokens(step: number, planned: PlannedStep, examples: readonly MaskedExample[]): number {
  const reference = isReference(step)
  return planned.examples.reduce((sum, index) => {
    const { ce, kinds } = examples[index] as MaskedExample
    const last = ce.findLastIndex((weight, token) => weight !== 0 || (reference && kinds[token] === 'observe'))
    return sum + Math.max(0, last)
  }, 0)
}

const weightSum = ({ ce }: MaskedExample): number => ce.reduce((sum, weight, token) => (token > 0 ? sum + weight : sum), 0)

async function runPasses(loop: TrainLoop, { examples, passes, factors, reference }: PlannedStep & { readonly reference: boolean }) {
  const exampleAt = (index: number): MaskedExample => loop.examples[index] as MaskedExample
  const byExample = new Map(factors === null ? [] : examples.map((index, place) => [index, factors[place] as number]))
  const factorOf = (index: number): number => byExample.get(index) ?? 1
  // The sum that divides the loss is that of the whole step, whatever the packing.
  const total = examples.reduce((sum, index) => sum + weightSum(exampleAt(index)) * factorOf(index), 0)
  const matrices = loraMatrices(loop.config, loop.lora)
  const kinds = createTally<TokenKind>()
  const gradients = new Map<string, Float32Array>()
  // Milliseconds in `proceed`: a paused run is not a slow one.
  let [loss, tokens, trainedTokens, waited] = [0, 0, 0, 0]

  for (const pass of passes) {
    const indices = pass.filter((index) => weightSum(exampleAt(index)) > 0)
    const sequences = indices.map(exampleAt)
    if (sequences.length === 0) continue
    const asked = loop.now()
    if ((await loop.proceed()) === 'stop') return 'stopped' as const
    waited += loop.now() - asked
    const batch = makeBatch({
      config: loop.config,
      sequences,
      weightOf: ({ sequence, token }) => {
        const { ce, kinds: kindOf } = sequences[sequence] as MaskedExample
        // Weight 0: a result without a gradient.
        const shown = reference && kindOf[token] === 'observe'
        return ce[token] === 0 && !shown ? null : ((ce[token] as number) * factorOf(indices[sequence] as number)) / total
      },
    })
    const adapter = adapterFeeds(matrices, loop.state.parameters)
    const results = await loop.graph.run(new Map([...batch.feeds, ...adapter]))
    loss += (results.get('loss') as Float32Array)[0] as number
    tokens += batch.tokens
    accumulate(gradients, results, matrices.map((matrix) => matrix.name))
    const [nll, correct] = [results.get('nll') as Float32Array, results.get('correct') as Float32Array]
    batch.targets.forEach(({ sequence, token }, row) => {
      const example = sequences[sequence] as MaskedExample
      if (example.ce[token] !== 0) trainedTokens += 1
      kinds.add(example.kinds[token] as TokenKind, { nll: nll[row] as number, correct: correct[row] as number })
    })
  }
  return { loss, tokens, trainedTokens, gradients, kinds, waited }
}

function accumulate(gradients: Map<string, Float32Array>, results: ReadonlyMap<string, Float32Array>, names: string[]): void {
  for (const name of names) {
    const pass = results.get(gradientOf(name)) as Float32Array
    const sum = gradients.get(name)
    if (!sum) gradients.set(name, pass)
    else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (pass[i] as number)
  }
}

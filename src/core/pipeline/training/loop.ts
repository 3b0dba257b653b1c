// The training loop: passes with accumulated gradients, clipping, the optimiser, and what happens between them.
import type { MetricsLine } from '../../../shared/contract/metrics.ts'
import type { MaskedExample } from '../../../shared/records/example.ts'
import { RetortError } from '../../../shared/errors.ts'
import { adamW, clipFactor, globalNorm, type AdamWSettings, type AdamWState, type ModelConfig, type Parameters, type Trainable } from '../../nn/index.ts'
import type { CompiledGraph } from '../../ports/index.ts'
import { judgeStep, type GuardAlert, type GuardState } from './guard.ts'
import type { LossScale } from './lossScale.ts'
import { CROSS_ENTROPY, type Objective } from './objective.ts'
import { runStep, type StepResult } from './passes.ts'
import type { PlannedStep } from './plan.ts'
import { learnSpanWeights, shownSpanWeights, type SpanWeights } from './spanWeights.ts'

/** All that a run carries from step to step. */
export type TrainState = {
  /** Completed optimiser steps. */
  step: number
  readonly parameters: Parameters
  readonly optimiser: AdamWState
  guard: GuardState
  /** Of a run in half precision, as the passes of the last step left it. */
  lossScale?: LossScale
  /** Learned scalars of span kinds; absent in a run that does not learn them. */
  readonly spanWeights?: SpanWeights
}

export type TrainLoop = {
  readonly config: ModelConfig
  readonly trainable: Trainable
  readonly adamW: AdamWSettings
  /** 0: no clipping. */
  readonly clipNorm: number
  readonly examples: readonly MaskedExample[]
  readonly steps: readonly PlannedStep[]
  readonly graph: CompiledGraph
  /** What the graph's terms are fed with; default: cross entropy alone. */
  readonly objective?: Objective
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
    const objective = loop.objective ?? CROSS_ENTROPY
    const spanWeights = objective.learnSpanWeights ? (state.spanWeights ?? null) : null
    const { lossScale } = state
    const result = await runStep({
      ...loop,
      objective,
      parameters: state.parameters,
      spanWeights,
      step: planned,
      reference: isReference(state.step),
    })
    if (result === null) {
      // Its passes may have changed the scale, and are made again.
      if (lossScale) state.lossScale = lossScale
      else delete state.lossScale
      return 'stopped'
    }
    const { loss, gradients, kinds, tokens, trainedTokens, waited } = result
    const gradNorm = globalNorm(gradients)
    const lr = planned.lr * state.guard.lrFactor
    const step = state.step + 1
    const { take, goOn, alerts, state: guard } = judgeStep(state.guard, { step, loss, gradNorm })
    // What the step was made with, before it is learned from.
    const besides = take ? besideTheLoss(result, spanWeights) : {}
    if (take) {
      optimiser.update(state.parameters, { gradients, scale: clipFactor(gradNorm, loop.clipNorm), state: state.optimiser, lr })
      if (spanWeights) learnSpanWeights(spanWeights, { meanByKind: result.meanByKind, lr })
    }
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
      ...besides,
    }
    for (const alert of alerts) loop.onAlert?.({ ...alert, step })
    loop.onStep(metrics, state)
    if (!goOn) throw diverged(alerts.at(-1)?.text ?? '', step)
  }
  return 'finished'
}

/** Figures that only some runs have. */
function besideTheLoss({ pace, teacherKl, baseKl, withoutTeacher, conflicts }: StepResult, spanWeights: SpanWeights | null): Partial<MetricsLine> {
  const [teacher, base] = [Object.entries(teacherKl.byLabel()), Object.values(baseKl.byLabel())]
  return {
    ...(pace !== null && { pace }),
    ...(teacher.length > 0 && { klByKind: Object.fromEntries(teacher.map(([kind, mean]) => [kind, mean.nll])) }),
    ...(withoutTeacher > 0 && { withoutTeacher }),
    ...(base.length > 0 && { baseKl: baseKl.total().nll }),
    ...(spanWeights && { spanWeights: shownSpanWeights(spanWeights) }),
    ...(conflicts && conflicts.of > 0 && { conflicts: conflicts.opposed / conflicts.of }),
  }
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

/** Whether the step of this index also reports the losses of what the environment wrote. */
export const isReference = (step: number): boolean => step % REFERENCE_EVERY === 0

/** Tokens that run through the model in a step of the plan, by its index: each example's up to its last target. */
export function stepTokens(step: number, planned: PlannedStep, examples: readonly MaskedExample[]): number {
  const reference = isReference(step)
  return planned.examples.reduce((sum, index) => {
    const { ce, kl, kinds } = examples[index] as MaskedExample
    const last = ce.findLastIndex((weight, token) => weight !== 0 || kl[token] !== 0 || (reference && kinds[token] === 'observe'))
    return sum + Math.max(0, last)
  }, 0)
}

// The plan of a run: which examples each optimiser step takes, how they are packed into passes, and the learning rate.
import { scheduleFactor } from '../../nn/index.ts'
import { competence, drawStage, pacingFactor, pacingSteps, passSize, type DrawnStage } from '../curriculum/index.ts'
import type { GateDecision } from '../../../shared/contract/planning.ts'
import type { Gate, Pacing, Stage } from '../../../shared/records/plan.ts'
import type { TrainSettings } from '../../../shared/records/run.ts'
import type { TokenSequence } from './batch.ts'
import { packPasses } from './packing.ts'

export type PlannedStep = {
  /** Indices of examples, in the order they were drawn. */
  readonly examples: readonly number[]
  /** The same examples as groups that run together. */
  readonly passes: readonly (readonly number[])[]
  readonly lr: number
  /** 0-based stage of the plan. */
  readonly stage: number
  /** What the token weights of each of `examples` are multiplied by; null: 1. */
  readonly factors: readonly number[] | null
}

type StepSettings = Pick<TrainSettings, 'batchTokens' | 'microTokens' | 'maxSteps' | 'seed' | 'schedule' | 'warmupSteps'>
type PlanSettings = StepSettings & Pick<TrainSettings, 'epochs' | 'lr'>

/** A stage of the plan with its filter applied. */
export type RunStage = DrawnStage & {
  readonly length: Stage['length']
  /** Peak; the run's schedule is laid over it. */
  readonly lr: number
  readonly gate: Gate | null
}

export type RunPlan = {
  /** Those that stages draw from, by their places. */
  readonly examples: readonly TokenSequence[]
  readonly stages: readonly RunStage[]
  readonly pacing: Pacing | null
  readonly settings: StepSettings
}

export type StagedSteps = {
  readonly steps: PlannedStep[]
  /** Of each stage: the steps of the run after which it is over. */
  readonly ends: readonly number[]
}

/**
 * The whole run, decided by the examples' tokens, settings and seed alone, so that a resumed run repeats it.
 * Each epoch is shuffled anew, of a last fraction the share is taken (at least one example); a step takes examples until it holds `batchTokens`; the last step takes what is left.
 */
export const planSteps = (examples: readonly TokenSequence[], settings: PlanSettings): PlannedStep[] => planStages(plainPlan(examples, settings)).steps

/** A run without a curriculum: one stage over everything, each example by itself. */
export function plainPlan(examples: readonly TokenSequence[], settings: PlanSettings): RunPlan {
  const stage: RunStage = {
    own: examples.map((_, index) => ({ examples: [index], rank: 0, group: null })),
    earlier: [],
    order: 'shuffled',
    shares: null,
    replay: 0,
    length: { unit: 'passes', passes: settings.epochs },
    lr: settings.lr,
    gate: null,
  }
  return { examples, stages: [stage], pacing: null, settings }
}

/**
 * All steps in order, stage by stage: a step never spans two of them. Decided by the plan and what its gates have decided so
 * far: until one decides, a stage is as long as it may become. Steps up to a decision are the same before it and after it;
 * the learning rates and paces of later ones follow from how many are left.
 */
export function planStages(plan: RunPlan, decisions: readonly GateDecision[] = []): StagedSteps {
  const { settings } = plan
  const drawn: { examples: number[]; stage: number }[] = []
  const ends: number[] = []
  let over = false
  plan.stages.forEach((_, index) => {
    const ended = decisions.find((one) => one.stage === index && one.decision !== 'wait')
    const steps = over ? [] : stageSteps(plan, index)
    const kept = ended?.decision === 'open' ? steps.slice(0, ended.step - drawn.length) : steps
    drawn.push(...kept.map((examples) => ({ examples, stage: index })))
    ends.push(drawn.length)
    over ||= ended?.decision === 'stop'
  })
  const kept = drawn.slice(0, settings.maxSteps ?? drawn.length)
  const schedule = { shape: settings.schedule, warmupSteps: settings.warmupSteps, steps: kept.length }
  const factorsOf = pacer(plan, kept.length)
  const steps = kept.map(({ examples, stage }, step) => ({
    examples,
    passes: packPasses(examples, plan.examples, settings.microTokens),
    lr: plan.stages[stage]!.lr * scheduleFactor(step, schedule),
    stage,
    factors: factorsOf(examples, step),
  }))
  return { steps, ends: ends.map((end) => Math.min(end, kept.length)) }
}

/** The steps as they were trained, each by what was decided before it; behind the last decision as they would be. */
export function stepsAsTrained(plan: RunPlan, decisions: readonly GateDecision[]): PlannedStep[] {
  const ending = decisions.filter(({ decision }) => decision !== 'wait').sort((a, b) => a.step - b.step)
  const trained: PlannedStep[] = []
  ending.forEach(({ step }, index) => trained.push(...planStages(plan, ending.slice(0, index)).steps.slice(trained.length, step)))
  return [...trained, ...planStages(plan, ending).steps.slice(trained.length)]
}

/** Examples of each step of a stage. A small share of few examples is still one: what trains nothing would look like what did. */
function stageSteps({ examples, stages, settings }: RunPlan, index: number): number[][] {
  const stage = stages[index]!
  const size = passSize(stage)
  const { length } = stage
  const mostOwn = length.unit === 'passes' ? Math.min(1, size) * Math.max(1, Math.round(size * length.passes)) : Infinity
  const mostSteps = length.unit === 'steps' ? length.steps : Infinity
  const steps: number[][] = []
  let current: number[] = []
  let [tokens, own] = [0, 0]
  for (const { example, replayed } of drawStage(stage, { seed: settings.seed, stage: index })) {
    if (steps.length === mostSteps || (own === mostOwn && !replayed)) break
    current.push(example)
    if (!replayed) own += 1
    tokens += (examples[example] as TokenSequence).ids.length
    if (tokens < settings.batchTokens) continue
    steps.push(current)
    current = []
    tokens = 0
  }
  if (current.length > 0) steps.push(current)
  return steps
}

/** The weight factors of a step's examples: none without pacing, or where it is switched off. */
function pacer({ pacing, stages }: RunPlan, runSteps: number): (examples: readonly number[], step: number) => number[] | null {
  if (pacing === null || pacing.gamma === 0) return () => null
  const ranks = new Map(stages.flatMap(({ own }) => own.flatMap(({ examples, rank }) => examples.map((example) => [example, rank] as const))))
  const earlier = stages.flatMap((stage) => stage.earlier)
  for (const { examples, rank } of earlier) for (const example of examples) ranks.set(example, rank)
  const steps = pacingSteps(pacing, runSteps)
  return (examples, step) => {
    const c = competence(step, { c0: pacing.c0, steps })
    return examples.map((example) => pacingFactor(ranks.get(example) as number, { gamma: pacing.gamma, c }))
  }
}

export type DueGate = { readonly stage: number; readonly gate: Gate; readonly atEnd: boolean }

/** The gate that is to be measured behind `done` steps of the run, unless it was decided there already; null: none. */
export function gateDue({ stages }: RunPlan, { ends }: StagedSteps, at: { readonly done: number; readonly decisions: readonly GateDecision[] }): DueGate | null {
  const { done, decisions } = at
  const stage = done === 0 ? -1 : ends.findIndex((end) => done <= end)
  const gate = stages[stage]?.gate
  if (!gate) return null
  const atEnd = done === ends[stage]
  const inStage = done - (ends[stage - 1] ?? 0)
  if (!atEnd && inStage % gate.every !== 0) return null
  return decisions.some((one) => one.stage === stage && one.step === done) ? null : { stage, gate, atEnd }
}

/** What a gate decides at an ACT accuracy; null, which cannot be measured, opens none. */
export function decideGate({ stage, gate, atEnd }: DueGate, measured: { readonly step: number; readonly actAccuracy: number | null }): GateDecision {
  const open = measured.actAccuracy !== null && measured.actAccuracy >= gate.actAccuracy
  return { stage, ...measured, decision: open ? 'open' : atEnd ? gate.otherwise : 'wait' }
}

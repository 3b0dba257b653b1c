// The course of a run by its plan: its steps as decided so far, the gates on the way, and what changes at a step.
import { decideGate, gateDue, planStages, type DueGate, type PlannedStep, type StagedSteps } from '../../core/pipeline/training/index.ts'
import type { GateDecision } from '../../shared/contract/planning.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { RunConfig, SplitExample } from './runFolder.ts'
import { addGate, readGates, readRunPlan } from './runPlan.ts'
import { everySettings, graphKey } from './stagedPlan.ts'

export type Course = {
  /** Of the whole run, as far as is decided: a gate may still make it shorter. */
  readonly steps: () => readonly PlannedStep[]
  /** The step up to which nothing is to be decided and the loss stays what it is. */
  readonly until: (done: number) => number
  /** By which the step after `done` is trained. */
  readonly settingsAt: (done: number) => TrainSettings
  readonly due: (done: number) => DueGate | null
  /** What the folder says of a gate that was measured before; null: it is to be measured. */
  readonly recorded: (due: DueGate, done: number) => GateDecision | null
  /** Decides and writes it down. */
  readonly decide: (due: DueGate, measured: { readonly step: number; readonly actAccuracy: number | null }) => GateDecision
  /** The decision takes effect. */
  readonly follow: (decision: GateDecision) => void
  /** Why the run ends before its plan does; null: it does not. */
  readonly stopped: () => string | null
}

export type CourseInput = {
  readonly dir: string
  readonly config: RunConfig
  readonly train: readonly SplitExample[]
  /** Steps done: later decisions are followed when their step comes again, so that the steps up to it are what they were. */
  readonly done: number
}

export function openCourse({ dir, config, train, done: start }: CourseInput): Course {
  const plan = readRunPlan(dir, config, train)
  const stageSettingsOf = everySettings(config)
  const losses = stageSettingsOf.map(graphKey)
  let decisions = readGates(dir).filter(({ step }) => step <= start)
  let staged: StagedSteps = planStages(plan, decisions)
  const stageAt = (done: number): number => staged.steps[done]?.stage ?? 0
  return {
    steps: () => staged.steps,
    settingsAt: (done) => stageSettingsOf[stageAt(done)]!,
    until(done) {
      const end = staged.steps.length
      for (let step = done + 1; step < end; step++) {
        if (gateDue(plan, staged, { done: step, decisions }) || losses[stageAt(step)] !== losses[stageAt(done)]) return step
      }
      return end
    },
    due: (done) => gateDue(plan, staged, { done, decisions }),
    recorded: (due, done) => readGates(dir).find(({ stage, step }) => stage === due.stage && step === done) ?? null,
    decide(due, measured) {
      const decision = decideGate(due, measured)
      addGate(dir, decision)
      return decision
    },
    follow(decision) {
      decisions = [...decisions, decision]
      staged = planStages(plan, decisions)
    },
    stopped() {
      const stop = decisions.find(({ decision }) => decision === 'stop')
      return stop ? gateText(config, stop) : null
    },
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const THEN: Readonly<Record<GateDecision['decision'], string>> = {
  open: 'it opens',
  wait: 'the stage goes on',
  advance: 'its length is used up, the next stage begins',
  stop: 'its length is used up, the run ends',
}

/** A decision in words. */
export function gateText({ plan }: Pick<RunConfig, 'plan'>, { stage, step, actAccuracy, decision }: GateDecision): string {
  const { name, gate } = plan!.stages[stage]!
  const found = actAccuracy === null ? 'no held-out ACT token to measure' : `${percent(actAccuracy)} of the held-out ACT tokens put first`
  return `gate of stage ${name} after step ${step}: ${found}, ${percent(gate!.actAccuracy)} wanted; ${THEN[decision]}`
}

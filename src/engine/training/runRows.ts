// What a list says of a run: a row from its record and its files, none of which is read twice while it stays as it is.
import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { RunView } from '../../shared/contract/routes/runs.ts'
import { type HeldoutPoint, type MetricsLine } from '../../shared/contract/metrics.ts'
import { trainSummarySchema, type LiveRunState, type RunRow, type TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Run } from '../../shared/records/run.ts'
import type { Project } from '../project/index.ts'
import { listRuns } from '../store/index.ts'
import { readAlerts } from './alertLog.ts'
import { usualChoice } from './chooseAdapter.ts'
import { heldoutPoints, readHeldout, readMetrics, readResult, readRunConfig, runFiles, type HeldoutFile } from './runFolder.ts'
import { readGates, stepsOfRun } from './runPlan.ts'
import { trainedOnNow } from './runTeacher.ts'
import { readSamples } from './sampling.ts'
import { currentRun } from './runState.ts'

/** Sums over a run's steps. */
export type Figures = {
  readonly done: number
  readonly first: number | null
  readonly last: number | null
  readonly tokens: number
  readonly seconds: number
  readonly trainedTokens: number
  /** Stage of the newest step; null without a plan, or before any step. */
  readonly stage: number | null
}

export const NO_FIGURES: Figures = { done: 0, first: null, last: null, tokens: 0, seconds: 0, trainedTokens: 0, stage: null }

export const addStep = (sums: Figures, line: MetricsLine): Figures => ({
  done: line.step,
  first: sums.first ?? line.loss,
  last: line.loss ?? sums.last,
  tokens: sums.tokens + line.tokens,
  seconds: sums.seconds + line.seconds,
  trainedTokens: sums.trainedTokens + line.trainedTokens,
  stage: line.stage ?? null,
})

export const figuresOf = (metrics: readonly MetricsLine[]): Figures => metrics.reduce(addStep, NO_FIGURES)

export type RowInput = {
  readonly project: Project
  readonly run: Run
  readonly state: LiveRunState
  readonly figures: Figures
  readonly heldout: RunRow['heldout']
  readonly planned: number
}

export function rowOf({ project, run, state, figures, heldout, planned }: RowInput): RunRow {
  const { adapter: last, bestAdapter } = runFiles(project.runFolder(run.id))
  const adapter = usualChoice(run) === 'best' && existsSync(bestAdapter) ? bestAdapter : last
  return {
    id: run.id,
    createdAt: run.createdAt,
    state,
    student: { path: run.student.path, name: basename(run.student.path), architecture: run.student.architecture },
    settings: run.settings,
    steps: { done: figures.done, total: planned },
    loss: { first: figures.first, last: figures.last },
    heldout,
    tokensPerSecond: figures.seconds > 0 ? figures.tokens / figures.seconds : null,
    trainedTokens: figures.trainedTokens,
    adapter: existsSync(adapter) ? adapter : null,
    error: run.error,
    ...(run.plan && { plan: { name: run.plan.name, stages: run.plan.stages.map(({ name }) => name), stage: figures.stage } }),
  }
}

/** Both over the same tokens: over the whole side once it was measured at both ends, else the ends of the curve. */
export function heldoutEnds({ before, after }: HeldoutFile, points: readonly HeldoutPoint[]): RunRow['heldout'] {
  if (before && after) return { first: before.agent.nll, last: after.agent.nll }
  const [first, last] = [points[0], points.length > 1 ? points.at(-1) : undefined]
  return { first: first?.result.agent.nll ?? null, last: last?.result.agent.nll ?? null }
}

/** A run whose file is damaged is still a row of the list; opening it says what is wrong. */
function heldoutOrNone(dir: string): HeldoutFile {
  try {
    return readHeldout(dir)
  } catch (error) {
    if (error instanceof RetortError) return {}
    throw error
  }
}

/** What a file says, read again only when it has changed. */
function remembered<Value>(read: (dir: string) => Value, fileOf: (dir: string) => string): (dir: string) => Value {
  const known = new Map<string, { stamp: string; value: Value }>()
  return (dir) => {
    const stats = statSync(fileOf(dir), { throwIfNoEntry: false })
    const stamp = stats ? `${stats.mtimeMs} ${stats.size}` : 'none'
    const before = known.get(dir)
    if (before?.stamp === stamp) return before.value
    const value = read(dir)
    known.set(dir, { stamp, value })
    return value
  }
}

/** Steps of the plan of a run that was made before they were written down. */
const planOf = (dir: string): number => stepsOfRun(dir, readRunConfig(dir)).length

export type RunFiles = {
  row(project: Project, run: Run, state: LiveRunState): RunRow
  /** Of a run that does not train in this process. */
  view(project: Project, run: Run, state: LiveRunState): RunView
  planned(project: Project, run: Run): number
}

/** Reads what there is of runs in their folders. */
export function createRunFiles(): RunFiles {
  const figures = remembered((dir) => figuresOf(readMetrics(dir)), (dir) => runFiles(dir).metrics)
  const heldout = remembered(heldoutOrNone, (dir) => runFiles(dir).heldout)
  const plan = remembered(planOf, (dir) => runFiles(dir).examples)
  const planned = (project: Project, run: Run): number => run.plannedSteps ?? plan(project.runFolder(run.id))

  const row: RunFiles['row'] = (project, run, state) => {
    const dir = project.runFolder(run.id)
    const result = state === 'finished' || state === 'stopped' ? trainSummarySchema.safeParse(run.result).data : undefined
    // The summary of a run that has ended says the same as its files.
    const sums = result ? figuresOfSummary(result) : figures(dir)
    const measured = heldout(dir)
    const ends = heldoutEnds(measured, heldoutPoints(measured, sums.done))
    return rowOf({ project, run, state, figures: sums, heldout: ends, planned: state === 'finished' ? sums.done : planned(project, run) })
  }
  return {
    row,
    planned,
    view(project, run, state) {
      const dir = project.runFolder(run.id)
      const metrics = readMetrics(dir)
      return {
        row: row(project, run, state),
        trainedOn: trainedOnNow(dir, readRunConfig(dir)),
        datasetRevision: run.datasetRevision,
        metrics,
        heldout: heldoutPoints(readHeldout(dir), metrics.length),
        phase: null,
        notices: [],
        alerts: readAlerts(dir),
        samples: readSamples(dir),
        summary: state === 'finished' || state === 'stopped' ? readResult(dir) : null,
        memory: null,
        etaSeconds: null,
        ...(run.plan && { plan: run.plan, gates: readGates(dir).filter(({ step }) => step <= metrics.length) }),
      }
    },
  }
}

const figuresOfSummary = ({ steps, loss, trainedTokens, tokensPerSecond, stages }: TrainSummary): Figures => ({
  done: steps,
  first: loss.first,
  last: loss.last,
  // The summary keeps the rate alone.
  tokens: tokensPerSecond,
  seconds: tokensPerSecond > 0 ? 1 : 0,
  trainedTokens,
  stage: stages === undefined || steps === 0 ? null : stages.findLastIndex((stage) => stage.steps > 0),
})

/** All runs of a project as this process finds them, newest first. */
export function runRows(project: Project): RunRow[] {
  const files = createRunFiles()
  return listRuns(project.store).map((record) => {
    const { run, state } = currentRun(project, record)
    return files.row(project, run, state)
  })
}

// The work at a batch: episodes side by side, each written down as it ends, until all are made or something ends them all.
import { drawProblems, ofFamilies, type Problem, type Suite, type SuiteTools } from '../../core/suites/index.ts'
import type { RolloutProgress } from '../../shared/contract/rollouts.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { Rollout, RolloutBatch } from '../../shared/records/rollout.ts'
import { appendLine } from '../files/index.ts'
import type { Project } from '../project/index.ts'
import { type BatchEnd, episodesPath, logProbsPath } from './batch.ts'
import { createVain, type GiveUp, NEVER } from './giveUp.ts'
import type { RequestJournal } from './journal.ts'
import type { Meter } from './meter.ts'
import { type Paying, rateOf } from './paidModel.ts'
import { type MadeRollout, makeRollout } from './rollout.ts'
import type { TeacherSource } from './source.ts'
import { createTally, type Tallies } from './tallies.ts'
import { createUnderWay } from './underWay.ts'

/** Episodes whose time was over are made again, as when somebody asks for it: perhaps the teacher is quicker now. Or they are done, as others that are not kept. */
export type Late = 'again' | 'done'

export type BatchWork = {
  readonly project: Project
  readonly batch: RolloutBatch
  readonly folder: string
  readonly suite: Suite
  readonly tools: SuiteTools
  readonly source: TeacherSource
  readonly journal: RequestJournal
  readonly meter: Meter
  /** Episodes that are made, by `keyOf`. */
  readonly done: ReadonlyMap<string, Rollout>
  /** Only these tasks are counted and asked; all when absent. */
  readonly wanted: ((problem: Problem) => boolean) | undefined
  readonly giveUp: GiveUp
  readonly late: Late
  readonly onProgress: (progress: RolloutProgress) => void
  readonly signal: AbortSignal
}

/** `made`: the episodes of this start. */
export type WorkDone = { readonly tallies: Tallies; readonly end: BatchEnd; readonly made: readonly Rollout[] }

const NEWEST = 20
/** So many episodes in a row that the teacher failed at end a batch: the next will fare no better. */
const FAILURES_IN_A_ROW = 5

/** Throws what stands in the way of keeping an episode, when all have stopped. */
export async function workAtBatch(work: BatchWork): Promise<WorkDone> {
  const { project, batch, folder, suite, tools, source, journal, meter, done, onProgress, signal } = work
  const { settings, budget, prices, traffic } = batch
  const own = new AbortController()
  const stop = AbortSignal.any([signal, own.signal])
  const { lost } = journal.before
  const tally = createTally({ total: settings.tasks * settings.perTask, logprobs: settings.logprobs > 0 })
  for (const rollout of done.values()) tally.add(rollout)
  const made: Rollout[] = []
  const latest: Rollout[] = [...done.values()].slice(-NEWEST).reverse()
  let notice: string | null = null
  let failures = 0
  let end = null as BatchEnd | null
  const vain = source.scripted ? NEVER : createVain(work.giveUp, [...done.values()])

  const tell = (): void =>
    onProgress({
      ...tally.state({ usage: meter.usage(), lost }), batch: batch.id, working: underWay.list(), reserved: meter.reserved(), budget, prices, latest: latest.map(lineOf), notice,
    })
  const underWay = createUnderWay(tell)
  /** Those that are at work have no end: that weighs more than what the others came to. */
  const finish = (how: BatchEnd): void => {
    if (end === null || end.state === 'in-vain') end = how
    own.abort(new Error('the batch has ended'))
  }
  const paying: Paying = {
    source, journal, meter, traffic, rate: rateOf(traffic, journal), logprobs: settings.logprobs, pending: new Map(),
    onNotice(text) {
      notice = text
      tell()
    },
  }
  const take = (episode: MadeRollout, judge: Place['judge']): void => {
    const { rollout } = episode
    keep(folder, episode)
    tally.add(rollout)
    made.push(rollout)
    latest.unshift(rollout)
    latest.length = Math.min(latest.length, NEWEST)
    failures = rollout.rejected === 'model-failed' ? failures + 1 : 0
    // Those that are at work are paid for, and come to their end.
    end ??= judge(rollout)
    if (failures >= FAILURES_IN_A_ROW) finish({ state: 'failed', reason: `the teacher failed ${failures} times in a row: ${rollout.detail}` })
  }
  const makeOne = async ({ index, turn, judge }: Place): Promise<void> => {
    const problem = suite.problem({ split: 'train', seed: settings.seed, index })
    source.know(problem)
    const { onStep, onPiece, end: ended } = underWay.begin(problem.task, turn)
    try {
      const episode = await makeRollout({ project, suite, problem, turn, settings, tools, paying: { ...paying, onPiece }, onStep, signal: stop })
      if ('rollout' in episode) take(episode, judge)
      else if (episode.stopped && !stop.aborted) finish(endBy(episode.stopped))
    } finally {
      ended()
    }
  }
  const places = placesOf(work)
  /** First episodes of all tasks come first: what is stopped early has as many tasks as it could. Shared by all who work. */
  const nextPlace = (): Place | null => {
    while (!stop.aborted && end === null) {
      const next = places.next()
      if (next.done) return null
      const before = done.get(keyOf(next.value))
      if (before === undefined) return { ...next.value, judge: vain.begun() }
      end = vain.made(before)
    }
    return null
  }
  const worker = async (): Promise<void> => {
    try {
      for (let place = nextPlace(); place !== null; place = nextPlace()) await makeOne(place)
    } catch (error) {
      own.abort(error)
      throw error
    }
  }
  tell()
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(traffic.concurrency, source.concurrency) }, worker))
  underWay.close()
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
  const tallies = tally.state({ usage: meter.usage(), lost })
  // In vain to the very last: there is nothing to go on with.
  if (end?.state === 'in-vain' && tallies.done === tallies.total) end = null
  const missing = made.filter(({ rejected }) => rejected === 'model-failed' || (rejected === 'time' && work.late === 'again'))
  return { tallies, made, end: end ?? (signal.aborted ? { state: 'stopped', reason: 'stopped by the user' } : endWith(tallies, missing)) }
}

/** Of what was worked through; `missing`: what would be made again. */
function endWith({ total }: Tallies, missing: readonly Rollout[]): BatchEnd {
  const [failed, late] = [missing.filter(({ rejected }) => rejected === 'model-failed'), missing.filter(({ rejected }) => rejected === 'time')]
  const reasons = [
    ...failed.slice(-1).map(({ detail }) => `the teacher failed at ${failed.length} of ${total} episodes, the last time: ${detail}`),
    ...late.slice(-1).map(({ detail }) => `time was over in ${late.length} of ${total} episodes: ${detail}`),
  ]
  if (reasons.length === 0) return { state: 'finished', reason: null }
  return { state: missing.length === total ? 'failed' : 'incomplete', reason: reasons.join('; ') }
}

type Key = { readonly index: number; readonly turn: number }
/** `judge`: is told of its episode, and says whether that ends the batch. */
type Place = Key & { readonly judge: (rollout: Rollout) => BatchEnd | null }

export const keyOf = ({ index, turn }: Key): string => `${index}/${turn}`

/** All of the batch, those that are done among them. */
function* placesOf({ suite, batch: { settings }, wanted }: BatchWork): Generator<Key> {
  for (let turn = 0; turn < settings.perTask; turn++) for (const index of indices(suite, settings, wanted)) yield { index, turn }
}

/** Of all families they follow each other; a task's family is known when the task is made, and `first` counts those that are wanted. */
function* indices(suite: Suite, { seed, first, tasks, families }: RolloutBatch['settings'], wanted: BatchWork['wanted']): Generator<number> {
  if (families === undefined && !wanted) {
    for (let index = first; index < first + tasks; index++) yield index
    return
  }
  let [taken, passed] = [0, 0]
  for (const problem of drawProblems(suite, { split: 'train', seed, skip: first, count: MOST_TASKS, ...ofFamilies(families) })) {
    if (taken === tasks || passed > MOST_PASSED) return
    if (wanted && !wanted(problem)) {
      passed += 1
      continue
    }
    passed = 0
    taken += 1
    yield problem.task.index
  }
}

const MOST_TASKS = 1_000_000
/** Tasks in a row that are not wanted: there may be no other. */
const MOST_PASSED = 2000

/** The trajectory is in the project already: an episode without its line is made again from the journal, and found to be there. */
function keep(folder: string, { rollout, tokens }: MadeRollout): void {
  if (tokens.some((answer) => answer !== null)) {
    appendLine(logProbsPath(folder), JSON.stringify({ task: rollout.task.id, turn: rollout.turn, trajectory: rollout.trajectory?.id ?? null, answers: tokens }))
  }
  appendLine(episodesPath(folder), JSON.stringify(rollout))
}

const lineOf = ({ task, turn, rejected, detail, trajectory, steps, seconds }: Rollout): RolloutProgress['latest'][number] =>
  ({ task, turn, rejected, detail, trajectory, steps, seconds })

const endBy = ({ code, message, found, expected }: RetortErrorParts): BatchEnd =>
  code === 'budget-reached'
    ? { state: 'budget', reason: `${message}: ${found}, ${expected}` }
    : { state: 'failed', reason: [message, found].filter(Boolean).join(': ') }

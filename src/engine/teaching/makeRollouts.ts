// The making of a batch: episodes side by side, each written down as it ends, within the budget, to be gone on with after any end.
import { appendLine } from '../files/index.ts'
import { suiteNamed } from '../../core/suites/index.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { RolloutProgress, RolloutReport } from '../../shared/contract/rollouts.ts'
import type { Rollout, RolloutBatch } from '../../shared/records/rollout.ts'
import type { Project } from '../project/index.ts'
import { createRateLimit } from '../providers/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { type BatchEnd, cutHalfLine, episodesPath, journalPath, lockBatch, logProbsPath, readEpisodes, writeEnd } from './batch.ts'
import { openRequestJournal } from './journal.ts'
import { createMeter } from './meter.ts'
import type { Paying } from './paidModel.ts'
import { makeRollout, type MadeRollout } from './rollout.ts'
import { labelSlips } from './slips.ts'
import { type OpenedBy, openTeacherSource } from './source.ts'
import { createTally } from './tallies.ts'

export type RolloutWatch = { readonly onProgress: (progress: RolloutProgress) => void; readonly signal: AbortSignal }

export type MakeRollouts = {
  readonly project: Project
  readonly batch: RolloutBatch
  readonly folder: string
  /** The batch's teacher, with its key. */
  readonly teacher: OpenedBy
}

const NEWEST = 20
/** So many episodes in a row that the teacher failed at end a batch: the next will fare no better. */
const FAILURES_IN_A_ROW = 5

/**
 * Makes what is missing of a batch. Ends with a report when all is made, the budget is reached, the teacher keeps failing, or the
 * signal asks for it: whatever was answered is kept, and the same call goes on from there. Throws RetortError for a teacher that
 * cannot be opened, a batch that another process makes, and files that cannot be read or written.
 */
export async function makeRollouts({ project, batch, folder, teacher }: MakeRollouts, { onProgress, signal }: RolloutWatch): Promise<RolloutReport> {
  const began = performance.now()
  const { settings, budget, prices, traffic } = batch
  const suite = suiteNamed(settings.suite)
  const lock = lockBatch(folder)
  const own = new AbortController()
  const stop = AbortSignal.any([signal, own.signal])
  try {
    cutHalfLine(episodesPath(folder))
    const journal = openRequestJournal(journalPath(folder))
    const opened = openSuiteTools()
    const before = readEpisodes(folder)
    const { lost, ...spentBefore } = journal.before
    try {
      const meter = createMeter({ prices, budget, before: spentBefore })
      const source = await openTeacherSource(teacher, { suite: settings.suite, style: settings.style, seed: settings.seed, signal })
      try {
        if (source.scripted && settings.firstThought !== 'off') throw notApplicable()
        writeEnd(folder, null)
        const tally = createTally({ total: settings.tasks * settings.perTask, logprobs: settings.logprobs > 0 })
        const done = lastOfEach(before)
        for (const rollout of done.values()) tally.add(rollout)
        let notice: string | null = null
        let running = 0
        let failures = 0
        let end: BatchEnd | null = null
        const slipped: Rollout[] = []
        const latest: Rollout[] = [...done.values()].slice(-NEWEST).reverse()
        const tell = (): void => onProgress({
          ...tally.state({ usage: meter.usage(), lost }), batch: batch.id, running, reserved: meter.reserved(), budget, prices, latest: latest.map(lineOf), notice,
        })
        const paying: Paying = {
          source, journal, meter, traffic,
          rate: createRateLimit(traffic), logprobs: settings.logprobs, pending: new Map(),
          onNotice(text) {
            notice = text
            tell()
          },
        }
        const finish = (how: BatchEnd): void => {
          end ??= how
          own.abort(new Error('the batch has ended'))
        }
        const jobs = remaining(batch, done)
        const work = async (): Promise<void> => {
          for (const { index, turn } of jobs) {
            if (stop.aborted) return
            const problem = suite.problem({ split: 'train', seed: settings.seed, index })
            source.know(problem)
            running += 1
            tell()
            try {
              const made = await makeRollout({ project, suite, problem, turn, settings, tools: opened.tools, paying, signal: stop })
              if ('stopped' in made) {
                if (made.stopped && !stop.aborted) finish(endBy(made.stopped))
                return
              }
              keep(folder, made)
              tally.add(made.rollout)
              if (made.rollout.slips.length > 0) slipped.push(made.rollout)
              latest.unshift(made.rollout)
              latest.length = Math.min(latest.length, NEWEST)
              failures = made.rollout.rejected === 'model-failed' ? failures + 1 : 0
              if (failures >= FAILURES_IN_A_ROW) finish({ state: 'failed', reason: `the teacher failed ${failures} times in a row: ${made.rollout.detail}` })
            } finally {
              running -= 1
              tell()
            }
          }
        }
        tell()
        const workers = Array.from({ length: Math.min(traffic.concurrency, source.concurrency) }, () => work().catch((error: unknown) => {
          own.abort(error)
          throw error
        }))
        const outcomes = await Promise.allSettled(workers)
        await labelSlips(project, batch.id, slipped)
        const failed = outcomes.find((outcome) => outcome.status === 'rejected')
        if (failed) throw failed.reason
        const settled: BatchEnd = end ?? (signal.aborted ? { state: 'stopped', reason: 'stopped by the user' } : { state: 'finished', reason: null })
        writeEnd(folder, settled)
        return {
          ...tally.state({ usage: meter.usage(), lost }), ...settled, batch: batch.id, folder, teacher: source.name, budget, prices,
          seconds: (performance.now() - began) / 1000,
        }
      } finally {
        await source.dispose()
      }
    } catch (error) {
      if (error instanceof RetortError) writeEnd(folder, { state: 'failed', reason: errorParts(error).message })
      throw error
    } finally {
      await journal.close()
      await opened.dispose()
    }
  } finally {
    lock.release()
  }
}

/** Those that were refused by a failing teacher are made again. */
export function lastOfEach(rollouts: readonly Rollout[]): Map<string, Rollout> {
  const last = new Map<string, Rollout>()
  for (const rollout of rollouts) {
    if (rollout.rejected === 'model-failed') last.delete(keyOf(rollout.task.index, rollout.turn))
    else last.set(keyOf(rollout.task.index, rollout.turn), rollout)
  }
  return last
}

const keyOf = (index: number, turn: number): string => `${index}/${turn}`

/** First episodes of all tasks come first: what is stopped early has as many tasks as it could. Shared by all who work. */
function* remaining({ settings: { first, tasks, perTask } }: RolloutBatch, done: ReadonlyMap<string, Rollout>): Generator<{ index: number; turn: number }> {
  for (let turn = 0; turn < perTask; turn++) {
    for (let index = first; index < first + tasks; index++) if (!done.has(keyOf(index, turn))) yield { index, turn }
  }
}

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

const notApplicable = (): RetortError =>
  new RetortError({ code: 'not-applicable', message: 'a first thought is not applicable to a scripted teacher', found: 'a first thought asked of an expert', expected: 'a teacher that is a model, or none' })

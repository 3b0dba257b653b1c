// The making of a batch: what it needs is opened, worked with and closed, so that it can be gone on with after any end.
import { type Problem, suiteNamed } from '../../core/suites/index.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { RolloutProgress, RolloutReport } from '../../shared/contract/rollouts.ts'
import type { Rollout, RolloutBatch } from '../../shared/records/rollout.ts'
import type { Project } from '../project/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { cutHalfLine, episodesPath, journalPath, lockBatch, logProbsPath, otherJournals, readEpisodes, writeEnd } from './batch.ts'
import { keyOf, type Late, workAtBatch } from './batchWork.ts'
import { openRequestJournal } from './journal.ts'
import type { GiveUp } from './giveUp.ts'
import { createMeter, FREE_PRICES } from './meter.ts'
import { labelSlips } from './slips.ts'
import { type OpenedBy, openTeacherSource } from './source.ts'

export type RolloutWatch = { readonly onProgress: (progress: RolloutProgress) => void; readonly signal: AbortSignal }

export type MakeRollouts = {
  readonly project: Project
  readonly batch: RolloutBatch
  readonly folder: string
  /** The batch's teacher, with its key. */
  readonly teacher: OpenedBy
  /** Journal that it shares with other batches, whose answers and spending it takes for its own; absent: it has its own. */
  readonly journal?: string
  /** Only these tasks; all when absent. */
  readonly wanted?: (problem: Problem) => boolean
  readonly giveUp?: GiveUp
  /** Again when absent. */
  readonly late?: Late
}

/** A teacher that does so many tasks in vain is the wrong one, or wrongly asked. */
const GIVE_UP: GiveUp = { after: 50, of: 'all' }

/**
 * Makes what is missing of a batch. Ends with a report when all is made, the budget is reached, the teacher keeps failing, nothing of
 * what it does can be kept, or the signal asks for it: whatever was answered is kept, and the same call goes on from there. Throws RetortError for a teacher that
 * cannot be opened, a batch that another process makes, and files that cannot be read or written.
 */
export async function makeRollouts(making: MakeRollouts, watch: RolloutWatch): Promise<RolloutReport> {
  const { folder } = making
  const lock = lockBatch(folder)
  try {
    for (const path of [episodesPath(folder), logProbsPath(folder)]) cutHalfLine(path)
    return await opened(making, watch)
  } catch (error) {
    if (error instanceof RetortError) writeEnd(folder, { state: 'failed', reason: errorParts(error).message })
    throw error
  } finally {
    lock.release()
  }
}

async function opened({ project, batch, folder, teacher, journal: shared, wanted, giveUp = GIVE_UP, late = 'again' }: MakeRollouts, { onProgress, signal }: RolloutWatch): Promise<RolloutReport> {
  const began = performance.now()
  const { settings, budget, prices } = batch
  const suite = suiteNamed(settings.suite)
  const done = lastOfEach(readEpisodes(folder), late)
  const journal = shared === undefined ? openRequestJournal(journalPath(folder), { earlier: otherJournals(project.folder, batch) }) : openRequestJournal(shared, { batch: batch.id })
  const tools = openSuiteTools()
  try {
    const { lost: _, ...before } = journal.before
    const meter = createMeter({ prices: teacher.type === 'endpoint' ? prices : FREE_PRICES, budget, before })
    const source = await openTeacherSource(teacher, { suite: settings.suite, style: settings.style, seed: settings.seed, signal })
    try {
      if (source.scripted && settings.firstThought !== 'off') throw notApplicable()
      writeEnd(folder, null)
      // What a start that was killed has kept is not labelled yet.
      await labelSlips(project, batch, [...done.values()])
      const { tallies, end, made } = await workAtBatch({ project, batch, folder, suite, tools: tools.tools, source, journal, meter, done, wanted, giveUp, late, onProgress, signal })
      await labelSlips(project, batch, made)
      writeEnd(folder, end, { labelled: true })
      return { ...tallies, ...end, batch: batch.id, folder, teacher: source.name, budget, prices, seconds: (performance.now() - began) / 1000 }
    } finally {
      await source.dispose()
    }
  } finally {
    await journal.close()
    await tools.dispose()
  }
}

/** What became of each episode, in the order in which they ended; an earlier try that its teacher failed at counts no more. */
export function latestOfEach(rollouts: readonly Rollout[]): Map<string, Rollout> {
  const latest = new Map<string, Rollout>()
  for (const rollout of rollouts) {
    const key = keyOf({ index: rollout.task.index, turn: rollout.turn })
    latest.delete(key)
    latest.set(key, rollout)
  }
  return latest
}

/** Those that are done: what a teacher failed at is made again. What was answered by then is in the journal. */
export const lastOfEach = (rollouts: readonly Rollout[], late: Late): Map<string, Rollout> =>
  new Map([...latestOfEach(rollouts)].filter(([, { rejected }]) => rejected !== 'model-failed' && (rejected !== 'time' || late === 'done')))

const notApplicable = (): RetortError =>
  new RetortError({ code: 'not-applicable', message: 'a first thought is not applicable to a scripted teacher', found: 'a first thought asked of an expert', expected: 'a teacher that is a model, or none' })

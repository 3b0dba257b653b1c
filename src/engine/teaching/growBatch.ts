// A batch that grows: the same settings with more tasks, until whoever needs its episodes has enough. Batches like it share a journal,
// so that one budget holds over all of them, and no answer is paid for twice.
import { join } from 'node:path'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import type { Problem } from '../../core/suites/index.ts'
import type { RolloutReport } from '../../shared/contract/rollouts.ts'
import type { Rollout, RolloutBatch, RolloutSettings } from '../../shared/records/rollout.ts'
import type { Project } from '../project/index.ts'
import { batchesFolder, batchIds, createBatch, readBatch, readEpisodes, writeBatch } from './batch.ts'
import { batchOf, type BatchRequest } from './batches.ts'
import type { Late } from './batchWork.ts'
import { linesOf, readJournal, spentBefore } from './journal.ts'
import { lastOfEach, makeRollouts, type RolloutWatch } from './makeRollouts.ts'
import { costOf } from './meter.ts'

export type Growing = {
  /** `tasks`: how many there are to be; a batch that has more stays as it is. */
  readonly request: BatchRequest
  readonly wanted?: (problem: Problem) => boolean
  /** So many in a row by task that are not kept end it, `in-vain`; where they are there already, nothing is made. */
  readonly mostInVain: number
}

/** `usage` of the report is that of this batch alone; `rollouts`: what has ended, by task. */
export type Grown = { readonly report: RolloutReport; readonly rollouts: readonly Rollout[] }

/** It grows time and again: an episode that took all its time would each time take and cost as much. */
const LATE: Late = 'done'

/** Makes what is missing of the project's batch of this kind, or begins it. Throws as `makeRollouts` does; `no-prices`, `no-family`. */
export async function growBatch(project: Project, { request, wanted, mostInVain }: Growing, watch: RolloutWatch): Promise<Grown> {
  const asked = batchOf(request)
  const { batch: found, folder } = sameKind(project.folder, asked.settings) ?? createBatch(project.folder, asked)
  const { tasks } = found.settings
  const batch: RolloutBatch = { ...asked, id: found.id, createdAt: found.createdAt, settings: { ...asked.settings, tasks: Math.max(tasks, asked.settings.tasks) } }
  writeBatch(folder, batch)
  const journal = join(batchesFolder(project.folder), 'requests.jsonl')
  const report = await makeRollouts({ project, batch, folder, teacher: request.teacher, journal, ...(wanted ? { wanted } : {}), giveUp: { after: mostInVain, of: 'row' }, late: LATE }, watch)
  const { lost, ...spent } = spentBefore(linesOf(readJournal(journal), batch.id))
  const rollouts = [...lastOfEach(readEpisodes(folder), LATE).values()].sort((a, b) => a.turn - b.turn || a.task.index - b.task.index)
  // What a teacher failed at is not there, and is tried again when the batch grows.
  const state = report.state === 'incomplete' ? 'finished' : report.state
  return { report: { ...report, state, lost, usage: { ...spent, replayed: report.usage.replayed, cost: costOf(spent, batch.prices) } }, rollouts }
}

function sameKind(project: string, settings: RolloutSettings): ReturnType<typeof readBatch> | null {
  const kind = kindOf(settings)
  for (const id of batchIds(project)) {
    const found = readBatch(project, id)
    if (kindOf(found.batch.settings) === kind) return found
  }
  return null
}

const kindOf = ({ tasks: _, ...settings }: RolloutSettings): string => canonicalJson(settings)

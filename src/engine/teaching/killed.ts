// Batches whose last start was killed, or failed on the way: the slips of what it had kept are labelled, before somebody learns from them.
import { RetortError } from '../../shared/errors.ts'
import type { Project } from '../project/index.ts'
import { batchIds, isUnlabelled, lockBatch, markLabelled, readBatch, readEpisodes } from './batch.ts'
import { latestOfEach } from './makeRollouts.ts'
import { labelSlips } from './slips.ts'

/** Nothing is wrong with the batch: its labels cannot be kept. */
const UNWRITTEN: ReadonlySet<string> = new Set(['project-busy', 'disk-full', 'read-only', 'no-access'])

/**
 * Labels them as the batch's own end would have; resolves to the trajectories that it has labelled. A batch that runs, or whose files
 * cannot be read, is left alone; a project that cannot be written is said. Each is looked at once. An episode that was kept but not written down is labelled by the batch's next start.
 */
export async function labelKilled(project: Project): Promise<number> {
  let labelled = 0
  for (const id of batchIds(project.folder)) {
    try {
      const { batch, folder } = readBatch(project.folder, id)
      if (batch.settings.teacher.type !== 'expert' || !isUnlabelled(folder)) continue
      const lock = lockBatch(folder)
      try {
        labelled += await labelSlips(project, batch, [...latestOfEach(readEpisodes(folder)).values()])
        markLabelled(folder)
      } finally {
        lock.release()
      }
    } catch (error) {
      if (!(error instanceof RetortError) || UNWRITTEN.has(error.code)) throw error
    }
  }
  return labelled
}

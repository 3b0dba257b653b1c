// Takes a run away: its rows, its folder and all its files.
import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RetortError } from '../../shared/errors.ts'
import { writing, type Project } from '../project/index.ts'
import { deleteRun } from '../store/index.ts'
import { isLocked, runFolderOf } from '../training/index.ts'

/**
 * Removes a run with all its files. Its rows first: a run in the list has its files, and what a crash leaves of these is out
 * of sight. Under its name the folder is there whole or not at all. Throws RetortError `run-busy` while a process trains it.
 */
export async function discardRun(project: Project, run: string): Promise<void> {
  const dir = runFolderOf(project, run)
  await writing(project, () => {
    if (isLocked(dir)) {
      throw new RetortError({
        code: 'run-busy',
        message: 'another process is training this run',
        where: dir,
        expected: 'a run that nobody trains',
        advice: 'stop it where it was started',
      })
    }
    deleteRun(project.store, run)
  })
  const doomed = join(dirname(dir), `.${run}.${randomBytes(4).toString('hex')}.tmp`)
  try {
    await rename(dir, doomed)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(doomed, { recursive: true, force: true })
}

// One process at a time for the files of a folder: a lock that the system takes back when its holder dies.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder } from './folders.ts'

/** How long another process is waited for; what is done under the lock takes milliseconds. */
const PATIENCE_MS = 10_000
const SQLITE_BUSY = 5

const isBusy = (error: unknown): boolean => ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY

/** Holds the lock at `path`, a file of its own, until it is released; null: another process has it. Its folder is there. */
export function takeLock(path: string): { release(): void } | null {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw error
  }
}

/**
 * Does `work` while no other process does anything under the lock of this folder, which is made. The lock is that of an
 * empty SQLite database, `.lock`: a killed process leaves none. Not to be taken twice. Throws RetortError `folder-busy`.
 */
export function withFolderLock<Result>(folder: string, work: () => Result): Result {
  ensureFolder(folder)
  const path = join(folder, '.lock')
  const database = new DatabaseSync(path, { timeout: PATIENCE_MS })
  try {
    database.exec('BEGIN EXCLUSIVE')
    try {
      return work()
    } finally {
      database.exec('ROLLBACK')
    }
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new RetortError({
      code: 'folder-busy',
      message: 'another process is writing here and does not come to an end',
      where: path,
      found: `the lock taken for ${PATIENCE_MS / 1000} s`,
      advice: 'close other windows of Retort on this folder, then try again; nothing was changed',
      cause: error,
    })
  } finally {
    database.close()
  }
}

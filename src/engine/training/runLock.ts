// One trainer a run: an exclusive SQLite lock on a file of the run, which the system itself lets go when its holder dies.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { RetortError } from '../../shared/errors.ts'
import { sqliteError } from '../store/index.ts'

export type RunLock = { release(): void }

export type LockOptions = {
  readonly patienceMs: number
  /** Called once, when another process holds the lock; null: it has not said who it is. */
  readonly onWait: (pid: number | null) => void
  /** Asked between two attempts: 'stop' gives up. */
  readonly proceed: () => Promise<'go' | 'stop'>
}

const POLL_MS = 200
/** `isLocked` shares the lock for a moment, in which nobody shall be refused. */
const GLANCE_MS = 50
/** SQLite's result code SQLITE_BUSY (sqlite.org/rescode.html). */
const BUSY = 5

const lockFile = (dir: string): string => join(dir, 'trainer.lock')
/** Who holds the lock, for messages only: after a crash it may name a process that is long gone. */
const holderFile = (dir: string): string => join(dir, 'trainer.pid')

function holder(dir: string): number | null {
  try {
    return Number(readFileSync(holderFile(dir), 'utf8')) || null
  } catch {
    return null
  }
}

const take = (database: DatabaseSync): boolean => succeeds(database, 'BEGIN EXCLUSIVE')
/** Reading is refused while another one holds the lock, and unlike taking it leaves no trace in the folder. */
const look = (database: DatabaseSync): boolean => succeeds(database, 'SELECT count(*) FROM sqlite_schema')

function succeeds(database: DatabaseSync, sql: string): boolean {
  try {
    database.exec(sql)
    return true
  } catch (error) {
    if ((error as { errcode?: number }).errcode === BUSY) return false
    throw error
  }
}

const busy = (dir: string, message: string): RetortError =>
  new RetortError({
    code: 'run-busy',
    message,
    found: `process ${holder(dir) ?? 'unknown'} training this run`,
    expected: 'no other trainer',
    where: dir,
    advice: 'wait for it, or end it: it saves first when it is sent SIGTERM',
  })

/**
 * Waits up to `patienceMs` for another trainer of the run to end (one whose parent was killed saves and ends by itself),
 * then throws RetortError `run-busy`. Process ids are not trusted: they are used again, and a dead child keeps its own
 * until someone has asked for its exit code.
 */
export async function lockRun(dir: string, { patienceMs, onWait, proceed }: LockOptions): Promise<RunLock> {
  const database = new DatabaseSync(lockFile(dir), { timeout: GLANCE_MS })
  try {
    const giveUp = Date.now() + patienceMs
    for (let attempt = 0; !take(database); attempt++) {
      if (attempt === 0) onWait(holder(dir))
      if (Date.now() > giveUp) throw busy(dir, 'another process is training this run')
      await sleep(POLL_MS)
      if ((await proceed()) === 'stop') throw busy(dir, 'stopped while waiting for another process')
    }
    writeFileSync(holderFile(dir), String(process.pid))
  } catch (error) {
    database.close()
    throw sqliteError(error, lockFile(dir)) ?? error
  }
  return {
    release() {
      rmSync(holderFile(dir), { force: true })
      database.close()
    },
  }
}

/** Whether some process trains the run in this folder at this moment. */
export function isLocked(dir: string): boolean {
  if (!existsSync(lockFile(dir))) return false
  const database = new DatabaseSync(lockFile(dir))
  try {
    return !look(database)
  } finally {
    database.close()
  }
}

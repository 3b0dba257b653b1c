// One trainer a run: a lock file with the holder's process id, taken over when that process is gone.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RetortError } from '../../shared/errors.ts'

export type RunLock = { release(): void }

const POLL_MS = 200

function holder(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8')) || null
  } catch {
    return null
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Waits up to `patienceMs` for another trainer of the run to end (one whose parent was killed saves and ends by itself),
 * then throws RetortError `run-busy`.
 */
export async function lockRun(dir: string, options: { patienceMs: number; onWait: (pid: number) => void }): Promise<RunLock> {
  const path = join(dir, 'trainer.pid')
  const giveUp = Date.now() + options.patienceMs
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return { release: () => rmSync(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const pid = holder(path)
    if (pid === null || pid === process.pid || !alive(pid)) {
      rmSync(path, { force: true })
      continue
    }
    if (!waited) options.onWait(pid)
    if (Date.now() > giveUp) {
      throw new RetortError({
        code: 'run-busy',
        message: 'another process is training this run',
        found: `process ${pid}`,
        where: path,
        advice: `wait for it, or end it; if it is not a trainer, remove the file`,
      })
    }
    await sleep(POLL_MS)
  }
}

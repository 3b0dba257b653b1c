// A disk that can be filled: a small tmpfs where this process may mount one, else a limit on the size of a process's files.
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export type SmallDisk = {
  /** Projects belong in here. */
  readonly folder: string
  /** What refuses: 'tmpfs' gives ENOSPC, 'limit' gives EFBIG, 'none': this machine has neither, and nothing is filled. */
  readonly kind: 'tmpfs' | 'limit' | 'none'
  /** From now on the run's trainer can write `room` more bytes at most, about. */
  fill(dir: string, room: number): void
  /** There is room again. */
  empty(): void
  dispose(): void
}

const BYTES = 48 << 20

const works = (command: string, args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The run's trainer, as it says itself. */
const trainerOf = (dir: string): string | null => {
  const path = join(dir, 'trainer.pid')
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

export function openSmallDisk(folder: string): SmallDisk {
  mkdirSync(folder, { recursive: true })
  if (process.platform === 'linux' && works('mount', ['-t', 'tmpfs', '-o', `size=${BYTES}`, 'retort-small', folder])) return tmpfs(folder)
  const kind = works('prlimit', ['--version']) ? 'limit' : 'none'
  return {
    folder,
    kind,
    fill(dir, room) {
      const [pid, metrics] = [trainerOf(dir), join(dir, 'metrics.jsonl')]
      if (kind === 'none' || pid === null) return
      // It may be gone already.
      works('prlimit', ['--pid', pid, `--fsize=${(statSync(metrics, { throwIfNoEntry: false })?.size ?? 0) + room}`])
    },
    empty: () => {},
    dispose: () => {},
  }
}

function tmpfs(folder: string): SmallDisk {
  const ballast = join(folder, 'ballast')
  return {
    folder,
    kind: 'tmpfs',
    fill(_, room) {
      const file = openSync(ballast, 'w')
      const piece = Buffer.alloc(1 << 16, 1)
      let bytes = 0
      try {
        for (;;) bytes += writeSync(file, piece)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
      ftruncateSync(file, Math.max(0, bytes - room))
      closeSync(file)
    },
    empty: () => rmSync(ballast, { force: true }),
    dispose: () => void works('umount', ['-l', folder]),
  }
}

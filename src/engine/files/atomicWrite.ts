// Writes a file so that its name always holds either the old content or the whole new one, whenever the process dies.
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { ByteSink } from '../../core/ports/index.ts'
import { encodeUtf8 } from '../../core/formats/utf8.ts'
import { systemError } from './systemError.ts'

/** A file under a temporary name in the folder of `path`, which takes that name when it is whole. */
function openReplacement(path: string) {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  let file: number
  try {
    file = openSync(temporary, 'wx')
  } catch (error) {
    // The folder is what is missing or closed, and a temporary name says nothing to anyone.
    throw systemError(error, path) ?? error
  }
  let open = true
  return {
    sink: (chunk: Uint8Array): void => writeAll(file, chunk),
    /** Flushes it to the disk and renames it. */
    commit: (): void => {
      fsyncSync(file)
      open = false
      closeSync(file)
      renameSync(temporary, path)
      syncFolder(folder)
    },
    /** Removes it; yields the error about `path`. */
    abandon: (error: unknown): unknown => {
      if (open) closeSync(file)
      rmSync(temporary, { force: true })
      return systemError(error, path) ?? error
    },
  }
}

/**
 * Writes `data` (a string as UTF-8, bytes, or what a function gives to the sink) under a temporary name in the same
 * folder, flushes it to the disk, renames it to `path`. On an error the temporary file is removed, `path` as before.
 * Throws RetortError about `path` for what the system refuses.
 */
export function writeFileAtomic(path: string, data: string | Uint8Array | ((sink: ByteSink) => void)): void {
  const { sink, commit, abandon } = openReplacement(path)
  try {
    if (typeof data === 'function') data(sink)
    else sink(typeof data === 'string' ? encodeUtf8(data) : data)
    commit()
  } catch (error) {
    throw abandon(error)
  }
}

/** As `writeFileAtomic`, for what takes long: between two steps others have their turn, and the signal gives the file up. */
export async function writeFileInSteps<Step>(
  path: string,
  steps: (sink: ByteSink) => Iterable<Step>,
  { onStep, signal }: { readonly onStep: (step: Step) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { sink, commit, abandon } = openReplacement(path)
  try {
    for (const step of steps(sink)) {
      onStep(step)
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    commit()
  } catch (error) {
    throw abandon(error)
  }
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done, Math.min(chunk.length - done, 1 << 30))
}

/** Flushes what was written to a file so far to the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r+')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * Removes what killed processes left in a folder under a temporary name, as far as nothing was changed there for
 * `olderThanMs`: another process may be writing.
 */
export function removeTemporary(folder: string, { olderThanMs }: { olderThanMs: number }): void {
  for (const name of readdirSync(folder)) {
    if (!/^\..+\.tmp$/.test(name)) continue
    const path = join(folder, name)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats && Date.now() - stats.mtimeMs >= olderThanMs) rmSync(path, { recursive: true, force: true })
  }
}

/** Makes a rename within the folder durable. Windows cannot open folders, and needs no such call. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

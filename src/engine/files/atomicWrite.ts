// Writes a file so that its name always holds either the old content or the whole new one, whenever the process dies.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { ByteSink } from '../../core/ports/index.ts'
import { encodeUtf8 } from '../../core/formats/utf8.ts'

/**
 * Writes `data` (a string as UTF-8, bytes, or what a function gives to the sink) under a temporary name in the same
 * folder, flushes it to the disk, renames it to `path`. On an error the temporary file is removed, `path` as before.
 */
export function writeFileAtomic(path: string, data: string | Uint8Array | ((sink: ByteSink) => void)): void {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = openSync(temporary, 'wx')
  let open = true
  try {
    if (typeof data === 'function') data((chunk) => writeAll(file, chunk))
    else writeAll(file, typeof data === 'string' ? encodeUtf8(data) : data)
    fsyncSync(file)
    open = false
    closeSync(file)
    renameSync(temporary, path)
  } catch (error) {
    if (open) closeSync(file)
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(folder)
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done, Math.min(chunk.length - done, 1 << 30))
}

/** Makes the rename itself durable. Windows cannot open folders, and needs no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

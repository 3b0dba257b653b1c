// A file as a byte source: positioned synchronous reads, nothing loaded beforehand.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import type { ByteSource } from '../../core/ports/index.ts'

export type FileSource = ByteSource & { readonly close: () => void }

/** Opens a file for reading. Throws Node's own error when it cannot be opened; `close` it when done. */
export function openByteSource(path: string): FileSource {
  const file = openSync(path, 'r')
  const name = basename(path)
  let open = true
  const close = (): void => {
    if (open) closeSync(file)
    open = false
  }
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error(`${path}: found something that is not a regular file; expected a file`)
    return { name, size: stat.size, close, read: (offset, length) => readExactly({ file, name, size: stat.size }, offset, length) }
  } catch (error) {
    close()
    throw error
  }
}

function readExactly(from: { file: number; name: string; size: number }, offset: number, length: number): Uint8Array {
  if (offset < 0 || length < 0 || offset + length > from.size) {
    throw new RangeError(`${from.name}: found a read of ${length} bytes at ${offset}; expected it within ${from.size} bytes`)
  }
  const bytes = new Uint8Array(length)
  // One read call returns at most 2 GiB on Linux, and may return less.
  for (let done = 0; done < length; ) {
    const got = readSync(from.file, bytes, done, Math.min(length - done, 1 << 30), offset + done)
    if (got === 0) throw new Error(`${from.name}: found the end of the file at ${offset + done}; it became shorter while open`)
    done += got
  }
  return bytes
}

// A file as a byte source: positioned synchronous reads, nothing loaded beforehand.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import type { ByteSource } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'

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
    if (!stat.isFile()) {
      const found = stat.isDirectory() ? 'a folder' : 'something that is not a regular file'
      throw new RetortError({ code: 'not-a-file', message: `${path}: found ${found}; expected a file`, where: path, found, expected: 'a file' })
    }
    const from = { file, name, size: stat.size }
    return { name, size: stat.size, close, read: (offset, length) => readExactly(from, offset, length) }
  } catch (error) {
    close()
    throw error
  }
}

type OpenFile = { readonly file: number; readonly name: string; readonly size: number }

function readExactly(from: OpenFile, offset: number, length: number): Uint8Array {
  if (offset < 0 || length < 0 || offset + length > from.size) {
    const found = `a read of ${length} bytes at ${offset}`
    throw new RangeError(`${from.name}: found ${found}; expected it within ${from.size} bytes`)
  }
  const bytes = new Uint8Array(length)
  // One read call returns at most 2 GiB on Linux, and may return less.
  for (let done = 0; done < length; ) {
    const got = readSync(from.file, bytes, done, Math.min(length - done, 1 << 30), offset + done)
    if (got === 0) {
      const expected = `${from.size} bytes, its size when it was opened`
      const found = `the end of the file at byte ${offset + done}`
      throw new RetortError({ code: 'file-changed', message: `${from.name}: found ${found}; expected ${expected}`, where: from.name, found, expected })
    }
    done += got
  }
  return bytes
}

// Byte sources and sinks in memory, for tests of file formats.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ByteSink, ByteSource } from '../../src/core/ports/index.ts'

/** Bytes as a source; reads outside of them throw, as a file's would. */
export function bytesSource(bytes: Uint8Array, name = 'bytes'): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new RangeError(`read of ${length} bytes at ${offset} outside of ${bytes.length}`)
      }
      return new Uint8Array(bytes.subarray(offset, offset + length))
    },
  }
}

/** All that `write` gives to its sink, as one array. */
export function collect(write: (sink: ByteSink) => void): Uint8Array {
  const chunks: Uint8Array[] = []
  write((chunk) => chunks.push(chunk.slice()))
  const out = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}

/** The bytes of a file under tests/golden. */
export const goldenBytes = (relative: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../golden', relative)))

export const goldenSource = (relative: string): ByteSource => bytesSource(goldenBytes(relative), basename(relative))

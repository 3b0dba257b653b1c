// Whether files hold short records only, by their line ends: memory allows two threads for those, and one for long records.
import { closeSync, openSync, readSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isSystemError } from './importReader.ts'

const PIECE = 1 << 20
const NEW_LINE = 0x0a
const CLOSE_OBJECT = 0x7d

/** Beyond so many bytes a line is long: as a record it would take some 20 times that in memory (RECORD_LIMIT). */
const SHORT = 1 << 20

/**
 * True when no line of the files is longer than 1 MiB and none is one document over many lines, which is read whole. Reads
 * them all, at 1 to 3 GB/s, and lets other work in between. A file that cannot be read counts for nothing: its reader says so.
 */
export async function linesAreShort(paths: readonly string[], signal: AbortSignal | undefined): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(PIECE)
  for (const path of paths) {
    const file = open(path)
    if (file === null) continue
    try {
      let length = 0
      for (let first = true, count = readSync(file, buffer); count > 0; first = false, count = readSync(file, buffer)) {
        const piece = buffer.subarray(0, count)
        if (first && isDocument(piece)) return false
        const end = piece.indexOf(NEW_LINE)
        if (length + (end < 0 ? count : end) > SHORT) return false
        length = end < 0 ? length + count : count - 1 - piece.lastIndexOf(NEW_LINE)
        await nextTurn()
        signal?.throwIfAborted()
      }
    } catch (error) {
      // The reader will meet it too, and has a report to write it into.
      if (isSystemError(error)) return false
      throw error
    } finally {
      closeSync(file)
    }
  }
  return true
}

function open(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch {
    return null
  }
}

/** Begins with an object that does not end in its line. */
function isDocument(begin: Buffer): boolean {
  const end = begin.indexOf(NEW_LINE)
  const line = begin.toString('latin1', 0, end < 0 ? begin.length : end).trim()
  return line.startsWith('{') && line.charCodeAt(line.length - 1) !== CLOSE_OBJECT
}

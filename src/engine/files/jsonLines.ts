// Values as lines of JSON, written one by one: no string ever holds the whole file.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { writeFileAtomic } from './atomicWrite.ts'

/** Bytes that are gathered before they are written, and read at once. */
const PIECE = 1 << 20
const NEW_LINE = 0x0a

/** Writes the file whole or not at all; yields its sha256 (hex) and how many lines it has. */
export function writeJsonLines(path: string, rows: Iterable<unknown>): { sha256: string; lines: number } {
  const hash = createHash('sha256')
  let lines = 0
  writeFileAtomic(path, (sink) => {
    let gathered: Buffer[] = []
    let bytes = 0
    const flush = (): void => {
      const piece = Buffer.concat(gathered)
      hash.update(piece)
      sink(piece)
      gathered = []
      bytes = 0
    }
    for (const row of rows) {
      const line = Buffer.from(`${JSON.stringify(row)}\n`)
      lines += 1
      bytes += line.length
      gathered.push(line)
      if (bytes >= PIECE) flush()
    }
    if (bytes > 0) flush()
  })
  return { sha256: hash.digest('hex'), lines }
}

/** sha256 (hex) of a file and the number of its line ends. Throws Node's own error when it cannot be read. */
export function fingerprintLines(path: string): { sha256: string; lines: number } {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(PIECE)
    let lines = 0
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
      const piece = buffer.subarray(0, count)
      hash.update(piece)
      for (let at = piece.indexOf(NEW_LINE); at >= 0; at = piece.indexOf(NEW_LINE, at + 1)) lines += 1
    }
    return { sha256: hash.digest('hex'), lines }
  } finally {
    closeSync(file)
  }
}

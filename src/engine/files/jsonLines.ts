// Values as lines of JSON, written one by one: no string ever holds the whole file.
import { createHash } from 'node:crypto'
import { writeFileAtomic } from './atomicWrite.ts'

/** Bytes that are gathered before they are written. */
const PIECE = 1 << 20

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

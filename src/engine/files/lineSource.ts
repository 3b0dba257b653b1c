// A file as a source of lines: read in pieces, decoded as UTF-8 line by line.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { decodeUtf8, encodeUtf8 } from '../../core/formats/utf8.ts'
import type { Line, LineSource } from '../../core/ports/index.ts'

const PIECE = 1 << 20

/** A longer line is not read: V8's strings end at 512 Mi characters, and a record of that size is no trajectory. */
const LINE_LIMIT = 256 * 1024 * 1024

const NEW_LINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Beginnings of files that people take for text. */
const SIGNATURES: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
  [[0x1f, 0x8b], 'a gzip file'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard file'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x47, 0x47, 0x55, 0x46], 'a GGUF file'],
]

export type LineSourceOptions = {
  /** Told after each piece: bytes read so far in this pass. */
  onRead?: (bytes: number) => void
  lineLimit?: number
}

/** Throws Node's own error when the file cannot be read. The file is open only while its lines are being read. */
export function openLineSource(path: string, options: LineSourceOptions = {}): LineSource {
  return { name: basename(path), size: statSync(path).size, lines: () => readLines(path, options) }
}

type RawLine = { bytes: Uint8Array; offset: number; tooLong: boolean }

function* readLines(path: string, { onRead, lineLimit = LINE_LIMIT }: LineSourceOptions): Generator<Line> {
  let number = 0
  let begin: Uint8Array = new Uint8Array()
  for (const line of rawLines(path, { onRead, lineLimit })) {
    number += 1
    if (number === 1) begin = line.bytes.slice(0, 4)
    if (line.tooLong) {
      yield { number, problem: { found: `a line of more than ${lineLimit} bytes`, expected: `at most ${lineLimit}` } }
    } else yield decode(line, number, begin)
  }
}

/** The lines' bytes without line ends. Of a line beyond the limit nothing is kept. */
function* rawLines(
  path: string,
  { onRead, lineLimit }: { onRead: ((bytes: number) => void) | undefined; lineLimit: number },
): Generator<RawLine> {
  const file = openSync(path, 'r')
  try {
    let pieces: Uint8Array[] = []
    let length = 0
    let offset = 0
    let read = 0
    const add = (part: Uint8Array): void => {
      length += part.length
      if (length <= lineLimit) pieces.push(part)
      else pieces = []
    }
    const take = (): RawLine => {
      const line = { bytes: Buffer.concat(pieces), offset, tooLong: length > lineLimit }
      offset += length + 1
      pieces = []
      length = 0
      return line
    }
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const count = readSync(file, piece)
      if (count === 0) break
      read += count
      onRead?.(read)
      let start = 0
      for (let end = piece.indexOf(NEW_LINE); end >= 0 && end < count; end = piece.indexOf(NEW_LINE, start)) {
        add(piece.subarray(start, end))
        yield take()
        start = end + 1
      }
      if (start < count) add(piece.subarray(start, count))
    }
    if (length > 0) yield take()
  } finally {
    closeSync(file)
  }
}

function decode({ bytes, offset }: RawLine, number: number, begin: Uint8Array): Line {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end))
    return { number, text: number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text }
  } catch {
    const at = firstInvalidByte(bytes)
    const byte = `byte 0x${bytes[at]!.toString(16).padStart(2, '0')} at offset ${offset + at}`
    return { number, problem: { found: `${byte}${signature(begin)}`, expected: 'UTF-8 text' } }
  }
}

/** The reversible decoder marks bytes that are not UTF-8 by lone surrogates. */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = decodeUtf8(bytes)
  return encodeUtf8(text.slice(0, text.search(/(?<![\ud800-\udbff])[\udc80-\udcff]/))).length
}

function signature(begin: Uint8Array): string {
  const row = SIGNATURES.find(([bytes]) => bytes.every((byte, index) => begin[index] === byte))
  return row ? ` (the file begins like ${row[1]})` : ''
}

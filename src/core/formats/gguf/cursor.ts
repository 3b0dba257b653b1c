// Reads the parts of a GGUF header one after another through a window, with every length checked first.
import type { ByteSource } from '../../ports/index.ts'
import { FormatError } from '../formatError.ts'
import { decodeUtf8 } from '../utf8.ts'

/** Bytes fetched at once; headers are some megabytes (vocabulary and merges). */
const WINDOW = 1 << 20

export type Limit = { readonly what: string; readonly most: number; readonly why: string }

export type Cursor = {
  /** Byte offset of the next part. */
  readonly at: () => number
  readonly u32: (what: string) => number
  /** The next `length` bytes: a view, valid until the next read, and where they start in it. */
  readonly view: (length: number, what: string) => { view: DataView; at: number }
  /** An unsigned 64-bit count, refused when above the limit. */
  readonly count: (limit: Limit) => number
  readonly string: (limit: Limit) => string
  /** A copy of the next `length` bytes in a buffer of their own. */
  readonly copy: (length: number, what: string) => ArrayBuffer
  /** Throws about the part that starts at `offset` (default: the next one). */
  readonly fail: (problem: { found: string; expected: string; offset?: number }) => never
  /** Bytes from the next part to the end of the file. */
  readonly left: () => number
}

export function createCursor(source: ByteSource): Cursor {
  let position = 0
  let start = 0
  let bytes: Uint8Array = new Uint8Array(0)
  let view = new DataView(bytes.buffer)

  const fail: Cursor['fail'] = ({ found, expected, offset = position }) => {
    throw new FormatError({ file: source.name, offset, found, expected })
  }
  const left = () => source.size - position

  /** Makes the next `length` bytes part of the window, moves past them, returns their index in it. */
  const take = (length: number, what: string): number => {
    if (length > left()) {
      fail({ found: `the end of the file after ${left()} bytes`, expected: `${what} (${length} bytes)` })
    }
    if (position + length > start + bytes.length || position < start) {
      start = position
      bytes = source.read(start, Math.min(left(), Math.max(length, WINDOW)))
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const index = position - start
    position += length
    return index
  }

  const count = ({ what, most, why }: Limit): number => {
    const index = take(8, what)
    const value = view.getBigUint64(index, true)
    if (value > BigInt(most)) {
      fail({ found: `${what} ${value}`, expected: `at most ${most} (${why})`, offset: position - 8 })
    }
    return Number(value)
  }

  return {
    at: () => position,
    left,
    fail,
    count,
    u32: (what) => {
      const index = take(4, what)
      return view.getUint32(index, true)
    },
    view: (length, what) => {
      const at = take(length, what)
      return { view, at }
    },
    string: (limit) => {
      const length = count({ ...limit, what: `length of ${limit.what}` })
      const index = take(length, limit.what)
      return decodeUtf8(bytes, index, index + length)
    },
    copy: (length, what) => {
      const index = take(length, what)
      return new Uint8Array(bytes.subarray(index, index + length)).buffer
    },
  }
}

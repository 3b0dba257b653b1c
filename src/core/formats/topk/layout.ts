// Distributions as bytes: a header, then records that are only ever appended, one an example. Little-endian throughout.
//
//   header  "RTKD" version k metaBytes sharedBytes (u32 each after the name), meta as JSON, one bit a token that is shared
//   record  "ROWS" count crc32 (u32 each after the name), key (32 bytes), mass (f64),
//           count tokens (u32), count * k ids (i32), count * k log-probabilities (f32)
import { decodeUtf8, encodeUtf8 } from '../utf8.ts'
import { FormatError } from '../formatError.ts'
import { MOST_K, MOST_META, MOST_ROWS, MOST_SHARED } from './limits.ts'

export const VERSION = 1
export const HEADER_BYTES = 20
export const RECORD_BYTES = 52
export const KEY_BYTES = 32
/** Stands where a row names fewer than k tokens. */
export const NO_TOKEN = -2

const HEADER_NAME = 0x444b5452
const RECORD_NAME = 0x53574f52

/** The rows of one example. `ids` and `logProbs` have `tokens.length * k` entries. */
export type Rows = { readonly tokens: Uint32Array; readonly ids: Int32Array; readonly logProbs: Float32Array }

export const payloadBytes = (count: number, k: number): number => count * (4 + 8 * k)

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function encodeHeader({ k, meta, shared }: { k: number; meta: string; shared: Uint8Array | null }): Uint8Array {
  const text = encodeUtf8(meta)
  const bits = new Uint8Array(shared ? Math.ceil(shared.length / 8) : 0)
  shared?.forEach((one, id) => {
    if (one) bits[id >> 3] = (bits[id >> 3] as number) | (1 << (id & 7))
  })
  const bytes = new Uint8Array(HEADER_BYTES + text.length + bits.length)
  const numbers = [HEADER_NAME, VERSION, k, text.length, bits.length]
  numbers.forEach((value, i) => view(bytes).setUint32(4 * i, value, true))
  bytes.set(text, HEADER_BYTES)
  bytes.set(bits, HEADER_BYTES + text.length)
  return bytes
}

export type HeaderSizes = { readonly k: number; readonly metaBytes: number; readonly sharedBytes: number }

/** `bytes`: the first HEADER_BYTES of the file. Throws FormatError for anything else than a header of this version. */
export function decodeHeaderSizes(bytes: Uint8Array, name: string): HeaderSizes {
  const at = (i: number): number => view(bytes).getUint32(4 * i, true)
  const refuse = (found: string, expected: string): FormatError => new FormatError({ file: name, offset: 0, found, expected })
  if (at(0) !== HEADER_NAME) throw refuse('other first bytes', 'a file of teacher distributions ("RTKD"), as `retort teacher` makes it, or a GGUF model')
  if (at(1) !== VERSION) throw refuse(`version ${at(1)}`, `version ${VERSION}`)
  const [k, metaBytes, sharedBytes] = [at(2), at(3), at(4)] as const
  if (k < 1 || k > MOST_K) throw refuse(`${k} tokens a row`, `1 to ${MOST_K}`)
  if (metaBytes > MOST_META || sharedBytes > MOST_SHARED) throw refuse(`a header of ${metaBytes + sharedBytes} bytes`, 'a smaller one')
  return { k, metaBytes, sharedBytes }
}

export const decodeMeta = (bytes: Uint8Array): string => decodeUtf8(bytes)

export const decodeShared = (bits: Uint8Array, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, id) => ((bits[id >> 3] ?? 0) >> (id & 7)) & 1)

export type RecordHead = { readonly count: number; readonly crc32: number; readonly key: string; readonly mass: number }

/** A whole record. `key`: 64 hex digits; `mass`: sum over its rows of the probability that the named tokens have. */
export function encodeRecord({ key, mass, rows, crc32 }: { key: string; mass: number; rows: Rows; crc32: (bytes: Uint8Array) => number }): Uint8Array {
  const count = rows.tokens.length
  const bytes = new Uint8Array(RECORD_BYTES + 4 * (count + rows.ids.length + rows.logProbs.length))
  const payload = bytes.subarray(RECORD_BYTES)
  const numbers = view(payload)
  let at = 0
  for (const token of rows.tokens) numbers.setUint32(4 * at++, token, true)
  for (const id of rows.ids) numbers.setInt32(4 * at++, id, true)
  for (const value of rows.logProbs) numbers.setFloat32(4 * at++, value, true)
  const head = view(bytes)
  head.setUint32(0, RECORD_NAME, true)
  head.setUint32(4, count, true)
  head.setUint32(8, crc32(payload), true)
  for (let i = 0; i < KEY_BYTES; i++) bytes[12 + i] = Number.parseInt(key.slice(2 * i, 2 * i + 2), 16)
  head.setFloat64(12 + KEY_BYTES, mass, true)
  return bytes
}

/** null: not a record, as where a write was cut off. */
export function decodeRecordHead(bytes: Uint8Array): RecordHead | null {
  const head = view(bytes)
  const count = head.getUint32(4, true)
  if (head.getUint32(0, true) !== RECORD_NAME || count > MOST_ROWS) return null
  const key = Array.from(bytes.subarray(12, 12 + KEY_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { count, crc32: head.getUint32(8, true), key, mass: head.getFloat64(12 + KEY_BYTES, true) }
}

/** The payload of a record of `count` rows. */
export function decodeRows(payload: Uint8Array, { count, k }: { count: number; k: number }): Rows {
  const numbers = view(payload)
  const tokens = Uint32Array.from({ length: count }, (_, i) => numbers.getUint32(4 * i, true))
  const ids = Int32Array.from({ length: count * k }, (_, i) => numbers.getInt32(4 * (count + i), true))
  const logProbs = Float32Array.from({ length: count * k }, (_, i) => numbers.getFloat32(4 * (count * (1 + k) + i), true))
  return { tokens, ids, logProbs }
}

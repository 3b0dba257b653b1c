// Reads the header of a GGUF file (versions 2 and 3, little endian): metadata and where each tensor lies.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import type { ByteSource } from '../../ports/index.ts'
import { FormatError, quoted } from '../formatError.ts'
import { createCursor } from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { LIMITS } from './limits.ts'
import { createValueReader } from './readValue.ts'
import { GGML_TYPES, ggmlByteLength, ggmlTypeName } from './types.ts'
import type { GgmlTypeName } from './types.ts'
import type { GgufValue } from './values.ts'

export type GgufTensorInfo = {
  readonly name: string
  readonly type: GgmlTypeName
  /** Row-major, slowest dimension first: [rows, columns] (ggml's `ne` reversed). */
  readonly shape: readonly number[]
  /** From the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

export type Gguf = {
  /** The file's name, for messages. */
  readonly name: string
  readonly version: number
  /** Bytes; tensor data start at multiples of it. */
  readonly alignment: number
  /** In the order of the file. */
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>
}

export const DEFAULT_ALIGNMENT = 32
export const ALIGNMENT_KEY = 'general.alignment'
const MAGIC = 0x46554747 // 'GGUF', little endian

/** Reads and checks everything but the tensors' data. Throws FormatError, and nothing else, for a malformed file. */
export function readGguf(source: ByteSource): Gguf {
  const cursor = createCursor(source)
  const version = readVersion(cursor)
  const tensorCount = cursor.count(LIMITS.tensors)
  const metadataCount = cursor.count(LIMITS.metadata)

  const metadata = readMetadata(cursor, metadataCount)
  const alignment = readAlignment(metadata, cursor)

  const described: TensorHeader[] = []
  const names = new Set<string>()
  for (let i = 0; i < tensorCount; i++) {
    const tensor = readTensorHeader(cursor)
    if (names.has(tensor.name)) {
      cursor.fail({ found: `a second tensor ${quoted(tensor.name)}`, expected: 'each name once', offset: tensor.at })
    }
    names.add(tensor.name)
    described.push(tensor)
  }

  const dataStart = Math.ceil(cursor.at() / alignment) * alignment
  const tensors = described.map((tensor) => place(tensor, { dataStart, alignment, source }))
  refuseOverlap(tensors, source)
  return { name: source.name, version, alignment, metadata, tensors: new Map(tensors.map((t) => [t.name, t])) }
}

function readVersion(cursor: Cursor): number {
  const magic = cursor.u32('magic number')
  if (magic !== MAGIC) {
    const expected = `${hex(MAGIC)} ("GGUF"): is this a GGUF file?`
    cursor.fail({ found: `magic number ${hex(magic)}`, expected, offset: 0 })
  }
  const version = cursor.u32('version')
  if (version !== 2 && version !== 3) {
    const bigEndian = version !== 0 && (version & 0xffff) === 0
    const found = bigEndian ? `version ${hex(version)}, a big-endian file` : `version ${version}`
    cursor.fail({ found, expected: 'version 2 or 3, little endian', offset: 4 })
  }
  return version
}

function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const readValue = createValueReader(cursor)
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < count; i++) {
    const offset = cursor.at()
    const key = cursor.string(LIMITS.key)
    if (metadata.has(key)) cursor.fail({ found: `a second entry ${quoted(key)}`, expected: 'each key once', offset })
    metadata.set(key, readValue(key))
  }
  return metadata
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>, cursor: Cursor): number {
  const entry = metadata.get(ALIGNMENT_KEY)
  if (!entry) return DEFAULT_ALIGNMENT
  const { most } = LIMITS.alignment
  const value = entry.type === 'u32' ? entry.value : 0
  if (value < 1 || value > most || (value & (value - 1)) !== 0) {
    const found = entry.type === 'u32' ? `${ALIGNMENT_KEY} ${value}` : `${ALIGNMENT_KEY} of type ${entry.type}`
    cursor.fail({ found, expected: `a u32 that is a power of two, at most ${most}` })
  }
  return value
}

/** A tensor as the header describes it; `at` is where the description starts, `offset` counts from the data's start. */
type TensorHeader = Omit<GgufTensorInfo, 'offset'> & { readonly at: number; readonly offset: bigint }

function readTensorHeader(cursor: Cursor): TensorHeader {
  const at = cursor.at()
  const name = cursor.string(LIMITS.tensorName)
  const label = `tensor ${quoted(name)}`

  const dimensionsAt = cursor.at()
  const dimensions = cursor.u32(`number of dimensions of ${label}`)
  if (dimensions > LIMITS.dimensions.most) {
    const expected = `at most ${LIMITS.dimensions.most} (${LIMITS.dimensions.why})`
    cursor.fail({ found: `${dimensions} dimensions of ${label}`, expected, offset: dimensionsAt })
  }
  const shape: number[] = []
  let values = 1
  for (let d = 0; d < dimensions; d++) {
    const offset = cursor.at()
    const what = `dimension ${d} of ${label}`
    const size = cursor.count({ what, most: Number.MAX_SAFE_INTEGER, why: '2^53 - 1' })
    if (size < 1) cursor.fail({ found: `${what} is 0`, expected: 'at least 1', offset })
    values *= size
    if (!Number.isSafeInteger(values)) {
      cursor.fail({ found: `more than 2^53 values in ${label}`, expected: 'a tensor that fits in the file', offset })
    }
    shape.unshift(size)
  }

  const typeAt = cursor.at()
  const typeId = cursor.u32(`type of ${label}`)
  const type = ggmlTypeName(typeId)
  if (!type) {
    const known = Object.entries(GGML_TYPES).map(([known, { id }]) => `${id} ${known}`)
    const expected = `one of ${known.join(', ')}`
    return cursor.fail({ found: `type number ${typeId} of ${label}`, expected, offset: typeAt })
  }
  const { blockSize } = GGML_TYPES[type]
  const columns = shape.at(-1) ?? 1
  if (columns % blockSize !== 0) {
    const expected = `rows of a multiple of ${blockSize} values, the block size of ${type}`
    cursor.fail({ found: `rows of ${columns} values in ${label}`, expected, offset: dimensionsAt })
  }
  const { view, at: index } = cursor.view(8, `data offset of ${label}`)
  return { name, type, shape, byteLength: ggmlByteLength(type, values), at, offset: view.getBigUint64(index, true) }
}

function place(
  { at, offset, ...tensor }: TensorHeader,
  where: { dataStart: number; alignment: number; source: ByteSource },
): GgufTensorInfo {
  const { dataStart, alignment, source } = where
  const fail = (found: string, expected: string): never => {
    throw new FormatError({ file: source.name, offset: at, found: `tensor ${quoted(tensor.name)} ${found}`, expected })
  }
  if (offset % BigInt(alignment) !== 0n) fail(`with data offset ${offset}`, `a multiple of the alignment ${alignment}`)
  const room = Math.max(0, source.size - dataStart)
  if (offset + BigInt(tensor.byteLength) > BigInt(room)) {
    fail(
      `with ${tensor.byteLength} bytes from data offset ${offset}`,
      `data within the ${room} bytes after the header (the file has ${source.size} bytes: is it cut off?)`,
    )
  }
  return { ...tensor, offset: dataStart + Number(offset) }
}

function refuseOverlap(tensors: readonly GgufTensorInfo[], source: ByteSource): void {
  const sorted = tensors.toSorted((a, b) => a.offset - b.offset)
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1]!, sorted[i]!]
    const end = before.offset + before.byteLength
    if (after.offset >= end) continue
    const found = `data of tensor ${quoted(after.name)} within that of ${quoted(before.name)} (up to byte ${end})`
    throw new FormatError({ file: source.name, offset: after.offset, found, expected: 'tensors that do not overlap' })
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

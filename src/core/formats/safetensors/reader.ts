// Reads the header of a safetensors file: which tensor lies where. Format: https://github.com/huggingface/safetensors
import type { ByteSource } from '../../ports/index.ts'
import { FormatError, quoted } from '../formatError.ts'
import { decodeUtf8 } from '../utf8.ts'

/** Bytes per value of each dtype. */
export const DTYPES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const
export type Dtype = keyof typeof DTYPES

export type SafetensorsTensor = {
  readonly name: string
  readonly dtype: Dtype
  /** Row-major; empty for a single value. */
  readonly shape: readonly number[]
  /** From the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

export type Safetensors = {
  /** The file's name, for messages. */
  readonly name: string
  /** `__metadata__` of the header; empty when there is none. */
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>
}

/** The reference implementation's own limit of a header, in bytes. */
const MAX_HEADER = 100_000_000
const MAX_DIMENSIONS = 16

/**
 * Reads and checks everything but the data: offsets must agree with shapes, and tensors cover the data without holes
 * or overlaps, as the format asks. Throws FormatError, and nothing else, for a malformed file.
 */
export function readSafetensors(source: ByteSource): Safetensors {
  const { header, dataStart } = readHeader(source)
  const metadata = new Map<string, string>()
  const tensors: SafetensorsTensor[] = []
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') readMetadata(source, entry).forEach(([key, value]) => metadata.set(key, value))
    else tensors.push(readEntry(entry, { name, source, dataStart }))
  }
  let end = dataStart
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    if (tensor.offset !== end) {
      const found = `data of tensor ${quoted(tensor.name)} from byte ${tensor.offset}`
      fail(source, tensor.offset, { found, expected: `it from byte ${end}, without hole or overlap` })
    }
    end += tensor.byteLength
  }
  if (end !== source.size) {
    const expected = `${end} bytes, where the last tensor ends`
    fail(source, end, { found: `a file of ${source.size} bytes`, expected })
  }
  return { name: source.name, metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) }
}

type Place = { readonly name: string; readonly source: ByteSource; readonly dataStart: number }

function fail(source: ByteSource, offset: number, problem: { found: string; expected: string }): never {
  throw new FormatError({ file: source.name, offset, ...problem })
}

function readHeader(source: ByteSource): { header: object; dataStart: number } {
  if (source.size < 8) fail(source, 0, { found: `a file of ${source.size} bytes`, expected: 'at least 8 bytes' })
  const first = source.read(0, 8)
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true)
  const most = Math.min(MAX_HEADER, source.size - 8)
  if (length > BigInt(most)) {
    const found = `a header length of ${length} bytes`
    fail(source, 0, { found, expected: `at most ${most}: is this a safetensors file, and whole?` })
  }
  const text = decodeUtf8(source.read(8, Number(length)))
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (error) {
    fail(source, 8, { found: `a header that is not JSON (${(error as Error).message})`, expected: 'a JSON object' })
  }
  if (!isRecord(header)) fail(source, 8, { found: 'a header that is no object', expected: 'a JSON object' })
  return { header, dataStart: 8 + Number(length) }
}

function readMetadata(source: ByteSource, entry: unknown): [string, string][] {
  const expected = 'an object of strings'
  if (!isRecord(entry)) return fail(source, 8, { found: '"__metadata__" that is no object', expected })
  return Object.entries(entry).map(([key, value]) => {
    if (typeof value === 'string') return [key, value]
    return fail(source, 8, { found: `${typeof value} as "__metadata__" value ${quoted(key)}`, expected })
  })
}

function readEntry(entry: unknown, { name, source, dataStart }: Place): SafetensorsTensor {
  const refuse = (found: string, expected: string): never =>
    fail(source, 8, { found: `tensor ${quoted(name)} with ${found}`, expected })
  if (!isRecord(entry)) return refuse('an entry that is no object', 'an object')
  const { dtype, shape, data_offsets: range } = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype)) {
    return refuse(`dtype ${JSON.stringify(dtype)}`, `one of ${Object.keys(DTYPES).join(', ')}`)
  }
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS) {
    return refuse(`shape ${JSON.stringify(shape)}`, `at most ${MAX_DIMENSIONS} whole numbers`)
  }
  if (!isCounts(range) || range.length !== 2) {
    return refuse(`data_offsets ${JSON.stringify(range)}`, 'two whole numbers')
  }
  const [start, end] = range as [number, number]
  const room = source.size - dataStart
  if (start > end || end > room) {
    return refuse(`data_offsets ${start} to ${end}`, `a range of the ${room} bytes after the header`)
  }
  const byteLength = shape.reduce((product, size) => product * size, DTYPES[dtype as Dtype])
  if (byteLength !== end - start) {
    return refuse(`${end - start} bytes`, `${byteLength} for ${dtype} of shape [${shape.join(', ')}]`)
  }
  return { name, dtype: dtype as Dtype, shape, offset: dataStart + start, byteLength }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)

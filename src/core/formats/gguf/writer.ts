// Writes a GGUF file (version 3, little endian) to a sink; tensor data come from callbacks, so none is held here.
import type { ByteSink } from '../../ports/index.ts'
import { encodeUtf8 } from '../utf8.ts'
import { LIMITS } from './limits.ts'
import { ALIGNMENT_KEY, DEFAULT_ALIGNMENT } from './reader.ts'
import { GGML_TYPES, ggmlByteLength } from './types.ts'
import type { GgmlTypeName } from './types.ts'
import { NUMBERS, VALUE_TYPE_IDS, isNumberType } from './values.ts'
import type { GgufArray, GgufValue } from './values.ts'

export type GgufTensorInput = {
  readonly name: string
  readonly type: GgmlTypeName
  /** Row-major, [rows, columns]. */
  readonly shape: readonly number[]
  /**
   * Gives the tensor's stored bytes, in any number of chunks. What is returned is walked to its end: bytes may come while it is,
   * and whoever writes in steps may leave off between two of its elements.
   */
  readonly write: (sink: ByteSink) => void | Iterable<unknown>
}

export type GgufContent = {
  /** Written in order. `general.alignment`, when present, is the file's alignment; else it is 32 bytes. */
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** Written in order. */
  readonly tensors: readonly GgufTensorInput[]
  readonly sink: ByteSink
}

/** Writes header and data. Throws RangeError for content that no reader would take, or a tensor's wrong byte count. */
export function writeGguf(content: GgufContent): void {
  const steps = writeGgufInSteps(content)
  while (!steps.next().done);
}

/** As `writeGguf`, step by step: yields the bytes of tensor data written so far and of all. */
export function* writeGgufInSteps({ metadata, tensors, sink }: GgufContent): Generator<{ done: number; total: number }, void> {
  const alignment = alignmentOf(metadata)
  const header = createBuilder()
  header.bytes(encodeUtf8('GGUF'))
  header.u32(3)
  header.u64(tensors.length)
  header.u64(metadata.size)
  for (const [key, value] of metadata) {
    header.string(key)
    header.u32(VALUE_TYPE_IDS[value.type])
    writeValue(header, value)
  }
  let offset = 0
  for (const tensor of checked(tensors)) {
    header.string(tensor.name)
    header.u32(tensor.shape.length)
    for (const size of tensor.shape.toReversed()) header.u64(size)
    header.u32(GGML_TYPES[tensor.type].id)
    header.u64(offset)
    offset += padded(byteLength(tensor), alignment)
  }
  const head = header.finish()
  sink(head)
  sink(new Uint8Array(padded(head.length, alignment) - head.length))
  const total = tensors.reduce((sum, tensor) => sum + byteLength(tensor), 0)
  let before = 0
  for (const tensor of tensors) {
    for (const written of dataInSteps(tensor, { alignment, sink })) yield { done: before + written, total }
    before += byteLength(tensor)
  }
}

/** Yields the bytes written of this tensor. */
function* dataInSteps(tensor: GgufTensorInput, { alignment, sink }: { alignment: number; sink: ByteSink }): Generator<number, void> {
  const expected = byteLength(tensor)
  let written = 0
  const steps = tensor.write((chunk) => {
    written += chunk.length
    sink(chunk)
  })
  if (steps) for (const _ of steps) yield written
  if (written !== expected) {
    throw new RangeError(`gguf: found ${written} bytes for tensor "${tensor.name}"; expected ${expected}`)
  }
  sink(new Uint8Array(padded(expected, alignment) - expected))
  yield written
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get(ALIGNMENT_KEY)
  if (!entry) return DEFAULT_ALIGNMENT
  const { most } = LIMITS.alignment
  const value = entry.type === 'u32' ? entry.value : 0
  if (value >= 1 && value <= most && (value & (value - 1)) === 0) return value
  const found = entry.type === 'u32' ? `${ALIGNMENT_KEY} ${entry.value}` : `${ALIGNMENT_KEY} of type ${entry.type}`
  throw new RangeError(`gguf: found ${found}; expected a u32 that is a power of two, at most ${most}`)
}

/** Refuses names and shapes that the reader would refuse. */
function checked(tensors: readonly GgufTensorInput[]): readonly GgufTensorInput[] {
  const names = new Set<string>()
  for (const { name, type, shape } of tensors) {
    const refuse = (found: string, expected: string): never => {
      throw new RangeError(`gguf: tensor "${name}": found ${found}; expected ${expected}`)
    }
    if (names.has(name)) refuse('the name twice', 'each name once')
    names.add(name)
    const length = encodeUtf8(name).length
    if (length > LIMITS.tensorName.most) refuse(`a name of ${length} bytes`, `at most ${LIMITS.tensorName.most}`)
    const { blockSize } = GGML_TYPES[type]
    const sizes = shape.every((size) => Number.isSafeInteger(size) && size > 0)
    if (!sizes || shape.length > LIMITS.dimensions.most || (shape.at(-1) ?? 1) % blockSize !== 0) {
      const expected = `at most ${LIMITS.dimensions.most} sizes from 1, the last a multiple of ${blockSize} (${type})`
      refuse(`shape [${shape.join(', ')}]`, expected)
    }
  }
  return tensors
}

const byteLength = ({ type, shape }: GgufTensorInput): number =>
  ggmlByteLength(
    type,
    shape.reduce((product, size) => product * size, 1),
  )

const padded = (length: number, alignment: number): number => Math.ceil(length / alignment) * alignment

function writeValue(header: Builder, entry: GgufValue): void {
  if (entry.type === 'array') return writeArray(header, entry)
  if (isNumberType(entry.type)) {
    const { size, set } = NUMBERS[entry.type]
    const { view, at } = header.room(size)
    return set(view, at, entry.value as number)
  }
  switch (entry.type) {
    case 'u64':
    case 'i64':
      return header.big(entry.value)
    case 'bool':
      return header.bytes(new Uint8Array([entry.value ? 1 : 0]))
    case 'string':
      return header.string(entry.value)
  }
}

function writeArray(header: Builder, array: GgufArray): void {
  header.u32(VALUE_TYPE_IDS[array.of])
  header.u64(array.value.length)
  switch (array.of) {
    case 'string':
      return array.value.forEach(header.string)
    case 'bool':
      return header.bytes(Uint8Array.from(array.value, Number))
    case 'array':
      return array.value.forEach((inner) => writeArray(header, inner))
    default: {
      const { buffer, byteOffset, byteLength } = array.value
      return header.bytes(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }
}

type Builder = ReturnType<typeof createBuilder>

/** Grows a buffer of little-endian parts. */
function createBuilder() {
  let buffer = new Uint8Array(1 << 16)
  let view = new DataView(buffer.buffer)
  let length = 0

  /** Makes room for the next `size` bytes: the view and where they start. */
  const room = (size: number): { view: DataView; at: number } => {
    const at = length
    length += size
    if (length > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, length))
      larger.set(buffer)
      buffer = larger
      view = new DataView(buffer.buffer)
    }
    return { view, at }
  }
  const bytes = (data: Uint8Array): void => {
    const { at } = room(data.length)
    buffer.set(data, at)
  }
  const u32 = (value: number): void => {
    const { view, at } = room(4)
    view.setUint32(at, value, true)
  }
  const big = (value: bigint): void => {
    const { view, at } = room(8)
    view.setBigUint64(at, BigInt.asUintN(64, value), true)
  }
  const u64 = (value: number): void => big(BigInt(value))
  const string = (text: string): void => {
    const encoded = encodeUtf8(text)
    u64(encoded.length)
    bytes(encoded)
  }
  return { room, bytes, u32, u64, big, string, finish: () => buffer.subarray(0, length) }
}

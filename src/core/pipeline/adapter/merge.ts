// A student with its adapter added to its weights, as the contents of a new GGUF file: W + scale B A, one tensor at a time.
import {
  dequantise, FILE_TYPES, GGML_TYPES, metadataString, quantise, readGguf, storedType, type Gguf, type GgufTensorInfo, type GgufTensorInput,
  type GgufValue, type QuantisedType,
} from '../../formats/gguf/index.ts'
import { loraScale } from '../../nn/index.ts'
import type { ByteSink, ByteSource } from '../../ports/index.ts'
import { AdapterError, type Adapter, type LoraMatrices } from './adapter.ts'

export type Merge = {
  /** The student's GGUF file. */
  readonly student: ByteSource
  readonly adapter: Adapter
  readonly type: QuantisedType
  /** `general.name` of the new file. */
  readonly name: string
  /** What it was made of, as further entries of the file. */
  readonly provenance: Readonly<Record<string, string>>
}

export type MergedContent = {
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: readonly GgufTensorInput[]
  /** Types of the tensors and how many have them, for people. */
  readonly types: Record<string, number>
}

/** Values that are held at a time: whole rows, one at least. */
const PIECE = 1 << 19
/** QK version of ggml.h, GGML_QNT_VERSION. */
const QUANTISATION_VERSION = 2

const EMBEDDING = 'token_embd.weight'
const HEAD = 'output.weight'

/**
 * Everything that the student's file says of model, tokenizer and template is kept. A tensor that the adapter leaves alone and
 * that has the wanted type already is copied as it is; all else is dequantised, changed in double precision, and rounded once
 * to float32 before it is stored. Throws AdapterError where the adapter does not belong to the student.
 */
export function mergedContent({ student, adapter, type, name, provenance }: Merge): MergedContent {
  const gguf = readGguf(student)
  requireFit(gguf, adapter)
  const tensors = mergedTensors(gguf, type).map(({ tensor, stored }): GgufTensorInput => {
    const lora = adapter.matrices.get(tensor.name)
    const write = (sink: ByteSink): Iterable<void> =>
      !lora && tensor.type === stored ? copied(student, tensor, sink) : changed({ student, tensor, stored, sink, change: lora && changeOf(lora, adapter) })
    return { name: tensor.name, shape: tensor.shape, type: stored, write }
  })
  return { metadata: metadataOf(gguf, { type, name, provenance }), tensors, types: countTypes(tensors.map((tensor) => tensor.type)) }
}

/** The student's tensors in their order, and as what each is stored in a merged file of this type. */
function mergedTensors(gguf: Gguf, type: QuantisedType): { tensor: GgufTensorInfo; stored: QuantisedType }[] {
  const head = gguf.tensors.has(HEAD) ? HEAD : EMBEDDING
  return [...gguf.tensors.values()].map((tensor) => ({ tensor, stored: storedType(tensor, { type, head }) }))
}

function countTypes(types: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

/**
 * What a merged file of this type comes to: bytes (without the entries that say what it was made of: some hundred more), and
 * `types` as in `MergedContent`.
 */
export function mergedSize(student: ByteSource, type: QuantisedType): { bytes: number; types: Record<string, number> } {
  const gguf = readGguf(student)
  const tensors = mergedTensors(gguf, type)
  const header = Math.min(student.size, ...tensors.map(({ tensor }) => tensor.offset))
  const bytes = tensors.reduce((sum, { tensor: { shape }, stored }) => {
    const { blockSize, blockBytes } = GGML_TYPES[stored]
    const own = (shape.reduce((product, size) => product * size, 1) / blockSize) * blockBytes
    return sum + Math.ceil(own / gguf.alignment) * gguf.alignment
  }, header)
  return { bytes, types: countTypes(tensors.map(({ stored }) => stored)) }
}

function metadataOf(gguf: Gguf, { type, name, provenance }: Pick<Merge, 'type' | 'name' | 'provenance'>): Map<string, GgufValue> {
  // What a quantisation by importance was made with says nothing of this file.
  const metadata = new Map([...gguf.metadata].filter(([key]) => !key.startsWith('quantize.')))
  metadata.set('general.name', { type: 'string', value: name })
  metadata.set('general.file_type', { type: 'u32', value: FILE_TYPES[type] })
  metadata.set('general.quantization_version', { type: 'u32', value: QUANTISATION_VERSION })
  for (const [key, value] of Object.entries(provenance)) metadata.set(key, { type: 'string', value })
  return metadata
}

function requireFit(gguf: Gguf, adapter: Adapter): void {
  const fail = (found: string, expected: string): never => {
    throw new AdapterError(gguf.name, { found, expected })
  }
  const architecture = metadataString(gguf, 'general.architecture')
  if (architecture !== adapter.architecture) fail(`architecture ${architecture}`, `${adapter.architecture}, which the adapter was made for`)
  for (const [name, { in: columns, out }] of adapter.matrices) {
    const shape = gguf.tensors.get(name)?.shape
    if (shape?.join() !== `${out},${columns}`) fail(shape ? `${name} [${shape.join(', ')}]` : `no tensor ${name}`, `${name} [${out}, ${columns}]`)
  }
}

function* copied(student: ByteSource, { offset, byteLength }: GgufTensorInfo, sink: ByteSink): Generator<void> {
  const most = 4 * PIECE
  for (let at = 0; at < byteLength; at += most) {
    sink(student.read(offset + at, Math.min(most, byteLength - at)))
    yield
  }
}

/** Adds to rows of the weight, the first of which is row `first` of the tensor. */
type Change = (rows: Float32Array, first: number) => void

/** scale B A: each row of B times A, summed in double precision. */
function changeOf({ a, b, in: columns }: LoraMatrices, adapter: Adapter): Change {
  const { rank } = adapter
  const scale = loraScale(adapter)
  const sum = new Float64Array(columns)
  return (rows, first) => {
    for (let row = 0; row * columns < rows.length; row++) {
      sum.fill(0)
      for (let k = 0; k < rank; k++) {
        const factor = scale * b[(first + row) * rank + k]!
        if (factor === 0) continue
        for (let j = 0; j < columns; j++) sum[j] = sum[j]! + factor * a[k * columns + j]!
      }
      for (let j = 0; j < columns; j++) rows[row * columns + j] = rows[row * columns + j]! + sum[j]!
    }
  }
}

type Changed = {
  readonly student: ByteSource
  readonly tensor: GgufTensorInfo
  readonly stored: QuantisedType
  readonly sink: ByteSink
  readonly change: Change | undefined
}

function* changed({ student, tensor, stored, sink, change }: Changed): Generator<void> {
  const columns = tensor.shape.at(-1) ?? 1
  const rows = tensor.shape.slice(0, -1).reduce((product, size) => product * size, 1)
  const atOnce = Math.max(1, Math.floor(PIECE / columns))
  const { blockSize, blockBytes } = GGML_TYPES[tensor.type]
  const rowBytes = (columns / blockSize) * blockBytes
  const buffer = new Float32Array(Math.min(atOnce, rows) * columns)
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first)
    const values = buffer.subarray(0, count * columns)
    dequantise(tensor.type, student.read(tensor.offset + first * rowBytes, count * rowBytes), values)
    change?.(values, first)
    sink(quantise(stored, values))
    yield
  }
}

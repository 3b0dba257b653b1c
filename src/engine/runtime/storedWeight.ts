// How one tensor of a student lies in the file of weights: as float32, in codes with their scales, or in half precision.
import { codingOf, recode, streamTensorF32, type Coding, type GgufTensorInfo } from '../../core/formats/gguf/index.ts'
import type { Base } from '../../core/pipeline/training/index.ts'
import type { ByteSink, ByteSource } from '../../core/ports/index.ts'
import type { FrozenPlacement, Stretch } from './onnxRuntime.ts'

/** Bytes that lie one behind the other in the file. */
export type Piece = { readonly length: number; readonly write: (source: ByteSource, sink: ByteSink) => void }

const FLOAT_BYTES = 4
const HALF_BYTES = 2
const HALVES = { F16: 'f16', BF16: 'bf16' } as const
/** Values that are recoded at once, about. */
const AT_ONCE = 1 << 20

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
const countOf = ({ shape }: GgufTensorInfo): number => shape.reduce((product, size) => product * size, 1)

/** Matrices lie as the student's file has them where `base` asks for it; vectors are always float32. */
export function storedAs(tensor: GgufTensorInfo, base: Base, put: (piece: Piece) => Stretch): FrozenPlacement {
  const coding = codingOf(tensor.type)
  const half = tensor.type === 'F16' || tensor.type === 'BF16' ? HALVES[tensor.type] : null
  if (base === 'quantised' && tensor.shape.length === 2) {
    if (coding) return inCodes(tensor, coding, put)
    if (half) return { kind: 'half', dtype: half, data: put({ length: HALF_BYTES * countOf(tensor), write: (source, sink) => copyBytes(tensor, source, sink) }) }
  }
  const length = FLOAT_BYTES * countOf(tensor)
  return put({ length, write: (source, sink) => streamTensorF32(source, tensor, (piece) => sink(bytesOf(piece))) })
}

function copyBytes({ offset, byteLength }: GgufTensorInfo, source: ByteSource, sink: ByteSink): void {
  for (let at = 0; at < byteLength; at += AT_ONCE) sink(source.read(offset + at, Math.min(AT_ONCE, byteLength - at)))
}

function inCodes(tensor: GgufTensorInfo, { group, bits, zero, hasMinimum }: Coding, put: (piece: Piece) => Stretch): FrozenPlacement {
  const [rows, columns] = tensor.shape as [number, number]
  const groups = columns / group
  // Two codes share a byte where the groups of a row can be halved.
  const packing = bits === 8 ? 'i8' : groups % 2 === 0 ? 'u4' : 'u8'
  const perGroup = FLOAT_BYTES * rows * groups
  // Found while the codes are written, written behind them.
  let [scales, minima] = [new Float32Array(0), new Float32Array(0)]
  const codes = put({
    length: (rows * columns) / (packing === 'u4' ? 2 : 1),
    write: (source, sink) => {
      scales = new Float32Array(rows * groups)
      minima = new Float32Array(hasMinimum ? rows * groups : 0)
      const step = Math.max(1, Math.floor(AT_ONCE / columns))
      const rowBytes = tensor.byteLength / rows
      for (let row = 0; row < rows; row += step) {
        const count = Math.min(step, rows - row)
        const found = recode(tensor.type, source.read(tensor.offset + row * rowBytes, count * rowBytes))
        scales.set(found.scales, row * groups)
        if (hasMinimum) minima.set(found.minima, row * groups)
        sink(packing === 'u4' ? inHalves(found.codes, columns) : found.codes)
      }
    },
  })
  return {
    kind: 'codes',
    group,
    zero,
    packing,
    codes,
    scales: put({ length: perGroup, write: (_, sink) => sink(bytesOf(scales)) }),
    minima: hasMinimum ? put({ length: perGroup, write: (_, sink) => sink(bytesOf(minima)) }) : null,
  }
}

/** The codes of a row's second half in the high bits of its first half's. */
function inHalves(codes: Uint8Array, columns: number): Uint8Array {
  const half = columns / 2
  const out = new Uint8Array(codes.length / 2)
  for (let from = 0, to = 0; from < codes.length; from += columns) {
    for (let i = from; i < from + half; i++) out[to++] = codes[i]! | (codes[i + half]! << 4)
  }
  return out
}

// A tensor's values as float32, read and dequantised piece by piece so that its stored bytes are never held whole.
import type { ByteSource } from '../../ports/index.ts'
import { dequantise } from './dequantise.ts'
import type { GgufTensorInfo } from './reader.ts'
import { GGML_TYPES, ggmlByteLength } from './types.ts'

/** Values of one piece: a multiple of every block size. */
const PIECE = 1 << 20

export const valueCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** All values, row-major. Throws UnsupportedTypeError for a type that cannot be dequantised. */
export function readTensorF32(source: ByteSource, tensor: GgufTensorInfo): Float32Array {
  const out = new Float32Array(valueCount(tensor.shape))
  forEachPiece(tensor, (first, count) => {
    dequantisePiece({ source, tensor, first, out: out.subarray(first, first + count) })
  })
  return out
}

/** The same values in order, in pieces of up to 4 MiB; a piece is valid only during the call. */
export function streamTensorF32(source: ByteSource, tensor: GgufTensorInfo, use: (piece: Float32Array) => void): void {
  const buffer = new Float32Array(Math.min(PIECE, valueCount(tensor.shape)))
  forEachPiece(tensor, (first, count) => {
    const out = buffer.subarray(0, count)
    dequantisePiece({ source, tensor, first, out })
    use(out)
  })
}

function forEachPiece(tensor: GgufTensorInfo, use: (first: number, count: number) => void): void {
  const total = valueCount(tensor.shape)
  for (let first = 0; first < total; first += PIECE) use(first, Math.min(PIECE, total - first))
}

type Piece = { source: ByteSource; tensor: GgufTensorInfo; first: number; out: Float32Array }

function dequantisePiece({ source, tensor, first, out }: Piece): void {
  const { blockSize, blockBytes } = GGML_TYPES[tensor.type]
  const offset = tensor.offset + (first / blockSize) * blockBytes
  dequantise(tensor.type, source.read(offset, ggmlByteLength(tensor.type, out.length)), out)
}

// A float32 copy of a GGUF file: all metadata, every tensor dequantised, in the same order.
import type { ByteSink, ByteSource } from '../../ports/index.ts'
import { DEQUANTISED_TYPES, UnsupportedTypeError } from './dequantise.ts'
import { readGguf } from './reader.ts'
import { streamTensorF32 } from './readTensor.ts'
import type { GgufValue } from './values.ts'
import { writeGguf } from './writer.ts'

/** llama.cpp's LLAMA_FTYPE_ALL_F32. */
const ALL_F32: GgufValue = { type: 'u32', value: 0 }

/**
 * Writes the copy of the GGUF file in `source`; holds a few MiB at a time. Refuses types that cannot be dequantised
 * before anything is written.
 */
export function writeF32Copy(source: ByteSource, sink: ByteSink): void {
  const gguf = readGguf(source)
  for (const { type } of gguf.tensors.values()) {
    if (!DEQUANTISED_TYPES.includes(type)) throw new UnsupportedTypeError(type)
  }
  const metadata = new Map(gguf.metadata).set('general.file_type', ALL_F32)
  const tensors = Array.from(gguf.tensors.values(), (tensor) => ({
    name: tensor.name,
    type: 'F32' as const,
    shape: tensor.shape,
    write: (data: ByteSink) =>
      streamTensorF32(source, tensor, (piece) => {
        data(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
      }),
  }))
  writeGguf({ metadata, tensors, sink })
}

// Values of safetensors tensors as typed arrays.
import { RetortError } from '../../../shared/errors.ts'
import type { ByteSource } from '../../ports/index.ts'
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat32 } from '../halfFloat.ts'
import { DTYPES } from './reader.ts'
import type { Dtype, Safetensors, SafetensorsTensor } from './reader.ts'

/** A tensor is missing, or of a dtype that cannot be read as asked. */
export class TensorAccessError extends RetortError {
  override readonly name = 'TensorAccessError'
  constructor(file: Safetensors, name: string, problem: { found: string; expected: string }) {
    const message = `${file.name}: tensor "${name}": found ${problem.found}; expected ${problem.expected}`
    super({ code: 'safetensors-tensor', message, where: file.name, ...problem })
  }
}

export type TensorAccess = { readonly source: ByteSource; readonly file: Safetensors; readonly name: string }

const FLOATS: { readonly [T in Dtype]?: (bytes: Uint8Array, out: Float32Array) => void } = {
  F32: float32ToFloat32,
  F16: float16ToFloat32,
  BF16: bfloat16ToFloat32,
}

/** F32, F16 or BF16 values as float32, row-major. */
export function readFloats(access: TensorAccess): Float32Array {
  const { tensor, bytes } = read(access, Object.keys(FLOATS) as Dtype[])
  const out = new Float32Array(bytes.length / DTYPES[tensor.dtype])
  FLOATS[tensor.dtype]!(bytes, out)
  return out
}

export const readInt32s = (access: TensorAccess): Int32Array => new Int32Array(copy(read(access, ['I32']).bytes))

export const readInt64s = (access: TensorAccess): BigInt64Array => new BigInt64Array(copy(read(access, ['I64']).bytes))

export const readBytes = (access: TensorAccess): Uint8Array => read(access, ['U8']).bytes

function read({ source, file, name }: TensorAccess, dtypes: Dtype[]): { tensor: SafetensorsTensor; bytes: Uint8Array } {
  const tensor = file.tensors.get(name)
  const expected = dtypes.join(' or ')
  if (!tensor) throw new TensorAccessError(file, name, { found: 'no tensor of this name', expected })
  if (!dtypes.includes(tensor.dtype)) throw new TensorAccessError(file, name, { found: tensor.dtype, expected })
  return { tensor, bytes: source.read(tensor.offset, tensor.byteLength) }
}

/** The bytes in a buffer of their own, so that wider typed arrays are aligned. */
const copy = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

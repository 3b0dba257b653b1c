// ggml's tensor types to float32, one row each. Formulas: ggml-quants.c, dequantize_row_*.
import { RetortError } from '../../../shared/errors.ts'
import { bfloat16ToFloat32, float16Table, float16ToFloat32, float32ToFloat32 } from '../halfFloat.ts'
import {
  dequantiseIq1M, dequantiseIq1S, dequantiseIq2S, dequantiseIq2Xs, dequantiseIq2Xxs, dequantiseIq3S, dequantiseIq3Xxs,
} from './dequantiseIq.ts'
import { dequantiseQ2K, dequantiseQ3K, dequantiseQ4K, dequantiseQ5K, dequantiseQ6K } from './dequantiseK.ts'
import {
  dequantiseIq4Nl, dequantiseIq4Xs, dequantiseMxfp4, dequantiseNvfp4, dequantiseTq10, dequantiseTq20,
} from './dequantiseSmall.ts'
import { GGML_TYPES, ggmlByteLength } from './types.ts'
import type { GgmlTypeName } from './types.ts'

/** Fills `out` from whole blocks; products are exact in double precision, so each value is rounded once, as in ggml. */
type Dequantise = (bytes: Uint8Array, out: Float32Array) => void

const ROWS: { readonly [T in GgmlTypeName]?: Dequantise } = {
  F32: float32ToFloat32,
  F16: float16ToFloat32,
  BF16: bfloat16ToFloat32,
  Q4_0: dequantiseQ40,
  Q4_1: dequantiseQ41,
  Q5_0: dequantiseQ50,
  Q5_1: dequantiseQ51,
  Q8_0: dequantiseQ80,
  Q2_K: dequantiseQ2K,
  Q3_K: dequantiseQ3K,
  Q4_K: dequantiseQ4K,
  Q5_K: dequantiseQ5K,
  Q6_K: dequantiseQ6K,
  IQ4_NL: dequantiseIq4Nl,
  IQ4_XS: dequantiseIq4Xs,
  IQ2_XXS: dequantiseIq2Xxs,
  IQ2_XS: dequantiseIq2Xs,
  IQ2_S: dequantiseIq2S,
  IQ3_XXS: dequantiseIq3Xxs,
  IQ3_S: dequantiseIq3S,
  IQ1_S: dequantiseIq1S,
  IQ1_M: dequantiseIq1M,
  TQ1_0: dequantiseTq10,
  TQ2_0: dequantiseTq20,
  MXFP4: dequantiseMxfp4,
  NVFP4: dequantiseNvfp4,
}

/** Types that `dequantise` reads. */
export const DEQUANTISED_TYPES = Object.keys(ROWS) as readonly GgmlTypeName[]

export class UnsupportedTypeError extends RetortError {
  override readonly name = 'UnsupportedTypeError'
  constructor(type: GgmlTypeName) {
    const [found, expected] = [`tensor type ${type}`, `one of ${DEQUANTISED_TYPES.join(', ')}`]
    super({ code: 'unsupported-tensor-type', message: `found ${found}; expected ${expected}`, found, expected })
  }
}

/**
 * Fills `out` (row-major values) from the stored bytes of a tensor or of whole blocks of it.
 * Throws UnsupportedTypeError for a type without a row, RangeError when lengths do not agree.
 */
export function dequantise(type: GgmlTypeName, bytes: Uint8Array, out: Float32Array): void {
  const row = ROWS[type]
  if (!row) throw new UnsupportedTypeError(type)
  if (out.length % GGML_TYPES[type].blockSize !== 0 || bytes.length !== ggmlByteLength(type, out.length)) {
    const expected = `${ggmlByteLength(type, out.length)} bytes in blocks of ${GGML_TYPES[type].blockSize} values`
    const found = `${bytes.length} bytes for ${out.length} values`
    throw new RangeError(`dequantise ${type}: found ${found}; expected ${expected}`)
  }
  row(bytes, out)
}

function dequantiseQ40(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 18, o += 32) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    for (let j = 0; j < 16; j++) {
      const q = bytes[b + 2 + j]!
      out[o + j] = ((q & 15) - 8) * d
      out[o + 16 + j] = ((q >> 4) - 8) * d
    }
  }
}

function dequantiseQ41(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 20, o += 32) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    const m = half[bytes[b + 2]! | (bytes[b + 3]! << 8)]!
    for (let j = 0; j < 16; j++) {
      const q = bytes[b + 4 + j]!
      out[o + j] = (q & 15) * d + m
      out[o + 16 + j] = (q >> 4) * d + m
    }
  }
}

function dequantiseQ50(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 22, o += 32) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    const high = bytes[b + 2]! | (bytes[b + 3]! << 8) | (bytes[b + 4]! << 16) | (bytes[b + 5]! << 24)
    for (let j = 0; j < 16; j++) {
      const q = bytes[b + 6 + j]!
      out[o + j] = (((q & 15) | (((high >>> j) & 1) << 4)) - 16) * d
      out[o + 16 + j] = (((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16) * d
    }
  }
}

function dequantiseQ51(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 24, o += 32) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    const m = half[bytes[b + 2]! | (bytes[b + 3]! << 8)]!
    const high = bytes[b + 4]! | (bytes[b + 5]! << 8) | (bytes[b + 6]! << 16) | (bytes[b + 7]! << 24)
    for (let j = 0; j < 16; j++) {
      const q = bytes[b + 8 + j]!
      out[o + j] = ((q & 15) | (((high >>> j) & 1) << 4)) * d + m
      out[o + 16 + j] = ((q >> 4) | (((high >>> (j + 16)) & 1) << 4)) * d + m
    }
  }
}

function dequantiseQ80(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 34, o += 32) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    for (let j = 0; j < 32; j++) out[o + j] = ((bytes[b + 2 + j]! << 24) >> 24) * d
  }
}

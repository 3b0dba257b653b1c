// float32 to ggml's tensor types, one row each. Block formulas: ggml-quants.c, quantize_row_*_ref; the bytes are the same.
import { RetortError } from '../../../shared/errors.ts'
import { float16Bits, float32ToFloat16 } from '../halfFloat.ts'
import { quantiseQ4K, quantiseQ5K, quantiseQ6K } from './quantiseK.ts'
import { GGML_TYPES, ggmlByteLength, type GgmlTypeName } from './types.ts'

/** Fills `out` from whole blocks of finite values. */
type Quantise = (values: Float32Array, out: Uint8Array) => void

const ROWS = {
  F32: (values, out) => out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  F16: float32ToFloat16,
  Q8_0: quantiseQ80,
  Q6_K: quantiseQ6K,
  Q5_K: quantiseQ5K,
  Q4_K: quantiseQ4K,
  Q5_1: quantiseQ51,
  Q5_0: quantiseQ50,
  Q4_1: quantiseQ41,
  Q4_0: quantiseQ40,
} as const satisfies { readonly [T in GgmlTypeName]?: Quantise }

export type QuantisedType = keyof typeof ROWS
/** Types that `quantise` writes, the most exact first. */
export const QUANTISED_TYPES = Object.keys(ROWS) as readonly QuantisedType[]

/**
 * Stored bytes of whole blocks of values. Throws RetortError `bad-weight` for a value that is not finite, or that float16 cannot
 * hold; RangeError for a part of a block.
 */
export function quantise(type: QuantisedType, values: Float32Array): Uint8Array {
  if (values.length % GGML_TYPES[type].blockSize !== 0) {
    throw new RangeError(`quantise ${type}: found ${values.length} values; expected blocks of ${GGML_TYPES[type].blockSize}`)
  }
  const most = type === 'F32' ? Infinity : HALF_INFINITY
  // Also false for what is no number.
  const wrong = values.findIndex((value) => !(Math.abs(value) < most))
  if (wrong >= 0) {
    const expected = type === 'F32' ? 'a finite number' : `a number below ${most} in size, as ${type} needs`
    throw new RetortError({ code: 'bad-weight', message: 'a weight cannot be stored', found: String(values[wrong]), expected })
  }
  const out = new Uint8Array(ggmlByteLength(type, values.length))
  ROWS[type](values, out)
  return out
}

/** Rounded to float16, the form of all scales, numbers from here on are infinite. */
const HALF_INFINITY = 65520

const f = Math.fround
const putHalf = (out: Uint8Array, at: number, value: number): void => {
  const bits = float16Bits(value)
  out[at] = bits
  out[at + 1] = bits >> 8
}

const inverse = (scale: number): number => (scale === 0 ? 0 : f(1 / scale))

function quantiseQ80(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += 32, b += 34) {
    let largest = 0
    for (let j = 0; j < 32; j++) largest = Math.max(largest, Math.abs(values[i + j]!))
    const d = f(largest / 127)
    const id = inverse(d)
    putHalf(out, b, d)
    for (let j = 0; j < 32; j++) {
      const code = f(values[i + j]! * id)
      // Halves away from zero, as C's roundf does.
      out[b + 2 + j] = code < 0 ? -Math.floor(0.5 - code) : Math.floor(0.5 + code)
    }
  }
}

/** The value of the largest size, with its sign; the first of equal ones. */
function extreme(values: Float32Array, from: number): number {
  let largest = 0
  for (let j = 0; j < 32; j++) if (Math.abs(values[from + j]!) > Math.abs(largest)) largest = values[from + j]!
  return largest
}

/** Codes 0 .. 2 zero - 1 around `zero`: the value of the largest size is code 0. Nibbles are put at `at`, fifth bits are returned. */
function symmetricCodes(values: Float32Array, i: number, { out, at, id, zero }: { out: Uint8Array; at: number; id: number; zero: number }): number {
  let high = 0
  const codeOf = (value: number): number => Math.min(2 * zero - 1, Math.trunc(f(f(value * id) + zero + 0.5)))
  for (let j = 0; j < 16; j++) {
    const [first, second] = [codeOf(values[i + j]!), codeOf(values[i + 16 + j]!)]
    out[at + j] = (first & 15) | ((second & 15) << 4)
    high |= ((first >> 4) << j) | ((second >> 4) << (j + 16))
  }
  return high
}

function quantiseQ40(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += 32, b += 18) {
    const d = f(extreme(values, i) / -8)
    putHalf(out, b, d)
    symmetricCodes(values, i, { out, at: b + 2, id: inverse(d), zero: 8 })
  }
}

const putWord = (out: Uint8Array, at: number, word: number): void => {
  for (let k = 0; k < 4; k++) out[at + k] = word >>> (8 * k)
}

function quantiseQ50(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += 32, b += 22) {
    const d = f(extreme(values, i) / -16)
    putHalf(out, b, d)
    putWord(out, b + 2, symmetricCodes(values, i, { out, at: b + 6, id: inverse(d), zero: 16 }))
  }
}

type Affine = { out: Uint8Array; scaleAt: number; at: number; most: number }

/** Codes 0 .. most from the smallest value to the largest. Scale, minimum and nibbles are put, fifth bits are returned. */
function affineCodes(values: Float32Array, i: number, { out, scaleAt, at, most }: Affine): number {
  let [least, largest] = [Infinity, -Infinity]
  for (let j = 0; j < 32; j++) {
    least = Math.min(least, values[i + j]!)
    largest = Math.max(largest, values[i + j]!)
  }
  const d = f(f(largest - least) / most)
  const id = inverse(d)
  putHalf(out, scaleAt, d)
  putHalf(out, scaleAt + 2, least)
  let high = 0
  const codeOf = (value: number): number => Math.min(most, Math.trunc(f(f(f(value - least) * id) + 0.5)))
  for (let j = 0; j < 16; j++) {
    const [first, second] = [codeOf(values[i + j]!), codeOf(values[i + 16 + j]!)]
    out[at + j] = (first & 15) | ((second & 15) << 4)
    high |= ((first >> 4) << j) | ((second >> 4) << (j + 16))
  }
  return high
}

function quantiseQ41(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += 32, b += 20) affineCodes(values, i, { out, scaleAt: b, at: b + 4, most: 15 })
}

function quantiseQ51(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += 32, b += 24) {
    putWord(out, b + 4, affineCodes(values, i, { out, scaleAt: b, at: b + 8, most: 31 }))
  }
}

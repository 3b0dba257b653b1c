// A quantised tensor as small integer codes with a scale, and where it has one a minimum, for each group of values: what plain
// operators of a graph turn back into exactly the numbers of `dequantise`.
import { float16Table } from '../halfFloat.ts'
import { dequantise } from './dequantise.ts'
import { packedMinimum, packedScale } from './dequantiseK.ts'
import { GGML_TYPES, ggmlByteLength, type GgmlTypeName } from './types.ts'

/**
 * value = (code - zero) * scale + minimum. The product is exact in float32 (at most 24 bits), so the value is rounded once, by
 * the sum, as in ggml.
 */
export type Coding = {
  /** Values of a row, one behind the other, that share scale and minimum. */
  readonly group: number
  /** 4: codes are 0..15; 8: -128..127. */
  readonly bits: 4 | 8
  readonly zero: number
  readonly hasMinimum: boolean
}

/** Scales and minima of the groups of one stored block. */
type Groups = { readonly scales: Float64Array; readonly minima: Float64Array }
type Row = Coding & {
  /** Reads them from the block that starts at `b`; null: the greatest common divisor of a group's values is its scale. */
  readonly read: ((bytes: Uint8Array, b: number, into: Groups) => void) | null
}

const half = (bytes: Uint8Array, at: number): number => float16Table()[bytes[at]! | (bytes[at + 1]! << 8)]!
const symmetric = { zero: 0, hasMinimum: false } as const
const affine = { zero: 0, hasMinimum: true } as const

const plainScale: Row['read'] = (bytes, b, { scales }) => void (scales[0] = half(bytes, b))
const scaleAndMinimum: Row['read'] = (bytes, b, { scales, minima }) => {
  scales[0] = half(bytes, b)
  minima[0] = half(bytes, b + 2)
}
/** Q4_K and Q5_K: d, dmin, then 8 scales and 8 minima of 6 bits. */
const packedGroups: Row['read'] = (bytes, b, { scales, minima }) => {
  const [d, dmin] = [half(bytes, b), half(bytes, b + 2)]
  for (let group = 0; group < 8; group++) {
    scales[group] = d * packedScale(bytes, b + 4, group)
    minima[group] = -dmin * packedMinimum(bytes, b + 4, group)
  }
}
const found = { group: 16, bits: 8, ...symmetric, read: null } as const

const ROWS: { readonly [T in GgmlTypeName]?: Row } = {
  Q4_0: { group: 32, bits: 4, zero: 8, hasMinimum: false, read: plainScale },
  Q4_1: { group: 32, bits: 4, ...affine, read: scaleAndMinimum },
  Q5_0: { group: 32, bits: 8, ...symmetric, read: plainScale },
  Q5_1: { group: 32, bits: 8, ...affine, read: scaleAndMinimum },
  Q8_0: { group: 32, bits: 8, ...symmetric, read: plainScale },
  Q2_K: {
    group: 16, bits: 4, ...affine,
    read: (bytes, b, { scales, minima }) => {
      for (let group = 0; group < 16; group++) {
        scales[group] = half(bytes, b + 80) * (bytes[b + group]! & 15)
        minima[group] = -half(bytes, b + 82) * (bytes[b + group]! >> 4)
      }
    },
  },
  Q3_K: {
    group: 16, bits: 4, zero: 4, hasMinimum: false,
    read: (bytes, b, { scales }) => {
      for (let group = 0; group < 16; group++) {
        const low = (bytes[b + 96 + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15
        const high = (bytes[b + 104 + (group & 3)]! >> ((group >> 2) * 2)) & 3
        scales[group] = half(bytes, b + 108) * ((low | (high << 4)) - 32)
      }
    },
  },
  Q4_K: { group: 32, bits: 4, ...affine, read: packedGroups },
  Q5_K: { group: 32, bits: 8, ...affine, read: packedGroups },
  Q6_K: {
    group: 16, bits: 8, ...symmetric,
    read: (bytes, b, { scales }) => {
      for (let group = 0; group < 16; group++) scales[group] = half(bytes, b + 208) * ((bytes[b + 192 + group]! << 24) >> 24)
    },
  },
  IQ4_NL: { ...found, group: 32 },
  IQ4_XS: { ...found, group: 32 },
  IQ2_XXS: found,
  IQ2_XS: found,
  IQ2_S: found,
  IQ3_XXS: found,
  IQ3_S: found,
  IQ1_S: found,
  IQ1_M: found,
  TQ1_0: { ...found, group: 64 },
  TQ2_0: { ...found, group: 64 },
  MXFP4: { ...found, group: 32 },
  NVFP4: found,
}

/** How values of this type are coded; null: it has no codes (F32, F16, BF16), and is kept as it is. */
export function codingOf(type: GgmlTypeName): Coding | null {
  const row = ROWS[type]
  return row ? { group: row.group, bits: row.bits, zero: row.zero, hasMinimum: row.hasMinimum } : null
}

/** One code a byte (as signed numbers when of 8 bits), and scale and minimum of each group. */
export type Recoded = { readonly codes: Uint8Array; readonly scales: Float32Array; readonly minima: Float32Array }

/**
 * Codes of whole blocks, row-major. Throws Error for a type without codes, and for stored bytes whose values codes cannot give
 * back exactly (scales that are not finite).
 */
export function recode(type: GgmlTypeName, bytes: Uint8Array): Recoded {
  const row = ROWS[type]
  if (!row) throw new Error(`${type} has no codes`)
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const { group, bits, zero, read } = row
  const [least, most] = bits === 4 ? [0, 15] : [-128, 127]
  const count = (bytes.length / blockBytes) * blockSize
  if (bytes.length !== ggmlByteLength(type, count)) throw new RangeError(`recode ${type}: ${bytes.length} bytes are no whole blocks`)
  const values = new Float32Array(count)
  dequantise(type, bytes, values)
  const codes = new Uint8Array(count)
  const [scales, minima] = [new Float32Array(count / group), new Float32Array(count / group)]
  const perBlock = blockSize / group
  const groups: Groups = { scales: new Float64Array(perBlock), minima: new Float64Array(perBlock) }
  for (let block = 0; block * blockSize < count; block++) {
    read?.(bytes, block * blockBytes, groups)
    for (let k = 0; k < perBlock; k++) {
      const first = block * blockSize + k * group
      const scale = read ? groups.scales[k]! : commonDivisor(values, first, group)
      const minimum = read ? groups.minima[k]! : 0
      scales[first / group] = scale
      minima[first / group] = minimum
      for (let i = first; i < first + group; i++) {
        const code = scale === 0 ? 0 : Math.round((values[i]! - minimum) / scale)
        const exact = Math.fround(Math.fround(code * scale) + minimum) === values[i]! && code + zero >= least && code + zero <= most
        if (!exact) throw new Error(`recode ${type}: value ${values[i]} of scale ${scale} and minimum ${minimum}`)
        codes[i] = code + zero
      }
    }
  }
  return { codes, scales, minima }
}

/** The largest number of which all values are whole multiples; 0 where all are 0. Their ratios are those of small integers. */
function commonDivisor(values: Float32Array, first: number, count: number): number {
  let divisor = 0
  for (let i = first; i < first + count; i++) {
    // Euclid's algorithm: remainders of floats are exact.
    for (let rest = Math.abs(values[i]!); rest !== 0; ) [divisor, rest] = [rest, divisor % rest]
  }
  return divisor
}

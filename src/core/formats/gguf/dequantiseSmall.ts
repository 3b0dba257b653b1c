// Types whose codes index a table of 16 values (IQ4, MXFP4, NVFP4) or are ternary (TQ) to float32. Layouts: ggml-common.h.
import { float16Table } from '../halfFloat.ts'

const half = (bytes: Uint8Array, at: number): number => float16Table()[bytes[at]! | (bytes[at + 1]! << 8)]!

/** kvalues_iq4nl of ggml-common.h: denser around 0. */
const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
/** Twice the values of E2M1 (OCP Microscaling Formats 1.0). */
const E2M1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

type Codes = { readonly bytes: Uint8Array; readonly at: number; readonly count: number; readonly scale: number; readonly table: readonly number[] }

/** `count` bytes: their low nibbles give the first values, their high ones the following. */
function putNibbles(out: Float32Array, to: number, { bytes, at, count, scale, table }: Codes): void {
  for (let j = 0; j < count; j++) {
    const code = bytes[at + j]!
    out[to + j] = scale * table[code & 15]!
    out[to + count + j] = scale * table[code >> 4]!
  }
}

/** IQ4_NL: d, 32 codes. */
export function dequantiseIq4Nl(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 18, o += 32)
    putNibbles(out, o, { bytes, at: b + 2, count: 16, scale: half(bytes, b), table: IQ4 })
}

/** IQ4_XS: d, 8 scales of 6 bits (high bits in a word, low ones in nibbles), 8 groups of 32 codes. */
export function dequantiseIq4Xs(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 136, o += 256) {
    const high = bytes[b + 2]! | (bytes[b + 3]! << 8)
    for (let group = 0; group < 8; group++) {
      const low = (bytes[b + 4 + (group >> 1)]! >> (4 * (group & 1))) & 15
      const scale = half(bytes, b) * ((low | (((high >> (2 * group)) & 3) << 4)) - 32)
      putNibbles(out, o + group * 32, { bytes, at: b + 8 + group * 16, count: 16, scale, table: IQ4 })
    }
  }
}

/** MXFP4: a power of two as exponent, 32 codes. */
export function dequantiseMxfp4(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 17, o += 32)
    putNibbles(out, o, { bytes, at: b + 1, count: 16, scale: 2 ** (bytes[b]! - 128), table: E2M1 })
}

/** Half of an unsigned E4M3 number; its not-a-number counts as 0. */
function e4m3(code: number): number {
  if (code === 0x7f) return 0
  const [exponent, fraction] = [(code >> 3) & 15, code & 7]
  return exponent === 0 ? fraction * 2 ** -10 : (1 + fraction / 8) * 2 ** (exponent - 8)
}

/** NVFP4: 4 scales, 4 groups of 16 codes. */
export function dequantiseNvfp4(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 36, o += 64) {
    for (let group = 0; group < 4; group++)
      putNibbles(out, o + group * 16, { bytes, at: b + 4 + group * 8, count: 8, scale: e4m3(bytes[b + group]!), table: E2M1 })
  }
}

/** Digit k, 0 to 2, of a byte that holds a fraction of 3^5 in base 3. */
const ternaryDigit = (byte: number, k: number): number => (((byte * 3 ** k) & 255) * 3) >> 8

/** TQ1_0: 32 bytes of 5 digits, 16 bytes of 5, 4 bytes of 4, d; the first digits of a run of bytes come first. */
export function dequantiseTq10(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 54, o += 256) {
    const d = half(bytes, b + 52)
    let to = o
    for (const [at, count, digits] of [[0, 32, 5], [32, 16, 5], [48, 4, 4]] as const) {
      for (let k = 0; k < digits; k++)
        for (let j = 0; j < count; j++) out[to++] = d * (ternaryDigit(bytes[b + at + j]!, k) - 1)
    }
  }
}

/** TQ2_0: 64 bytes of four digits of 2 bits, d; in each half the lowest digits come first. */
export function dequantiseTq20(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 66, o += 256) {
    const d = half(bytes, b + 64)
    for (let i = 0; i < 256; i++) {
      const byte = bytes[b + (i >> 7) * 32 + (i & 31)]!
      out[o + i] = d * (((byte >> (2 * ((i >> 5) & 3))) & 3) - 1)
    }
  }
}

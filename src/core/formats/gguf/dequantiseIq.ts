// The codebook types (IQ1, IQ2, IQ3) to float32: superblocks of 256 values. Layouts: block_iq* in ggml-common.h.
import { float16Table } from '../halfFloat.ts'
import { codebook } from './codebooks.ts'

const BLOCK = 256

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0
const half = (bytes: Uint8Array, at: number): number => float16Table()[u16(bytes, at)]!
const nibble = (bytes: Uint8Array, at: number, index: number): number => (bytes[at + (index >> 1)]! >> (4 * (index & 1))) & 15

/** Eight signs from seven bits: the last makes their number of ones even. */
function evenSigns(seven: number): number {
  let parity = seven ^ (seven >> 4)
  parity ^= parity >> 2
  parity ^= parity >> 1
  return seven | ((parity & 1) << 7)
}

type Entry = {
  readonly grid: Int8Array
  /** Where the entry begins in the codebook, and how many values it has. */
  readonly from: number
  readonly size: number
  readonly scale: number
  /** Bit j: value j is negative. */
  readonly signs: number
}

function putSigned(out: Float32Array, at: number, { grid, from, size, scale, signs }: Entry): void {
  for (let j = 0; j < size; j++) out[at + j] = scale * grid[from + j]! * ((signs >> j) & 1 ? -1 : 1)
}

/** IQ2_XXS: d, then 8 groups of 32 values: four indices of 8 bits; four times seven sign bits and a scale of 4 bits. */
export function dequantiseIq2Xxs(bytes: Uint8Array, out: Float32Array): void {
  const grid = codebook('IQ2_XXS')
  for (let b = 0, o = 0; o < out.length; b += 66, o += BLOCK) {
    const d = half(bytes, b)
    for (let group = 0; group < 8; group++) {
      const at = b + 2 + group * 8
      const packed = u32(bytes, at + 4)
      const scale = d * (0.5 + (packed >>> 28)) * 0.25
      for (let k = 0; k < 4; k++) {
        const signs = evenSigns((packed >>> (7 * k)) & 127)
        putSigned(out, o + group * 32 + k * 8, { grid, from: bytes[at + k]! * 8, size: 8, scale, signs })
      }
    }
  }
}

/** IQ2_XS: d, 32 words of an index of 9 bits and seven signs, 16 scales of 4 bits, one for two words. */
export function dequantiseIq2Xs(bytes: Uint8Array, out: Float32Array): void {
  const grid = codebook('IQ2_XS')
  for (let b = 0, o = 0; o < out.length; b += 74, o += BLOCK) {
    const d = half(bytes, b)
    for (let k = 0; k < 32; k++) {
      const word = u16(bytes, b + 2 + 2 * k)
      const scale = d * (0.5 + nibble(bytes, b + 66, k >> 1)) * 0.25
      putSigned(out, o + k * 8, { grid, from: (word & 511) * 8, size: 8, scale, signs: evenSigns(word >> 9) })
    }
  }
}

/** IQ2_S: d, low bytes of 32 indices, 32 bytes of signs, two high bits an index, 16 scales of 4 bits. */
export function dequantiseIq2S(bytes: Uint8Array, out: Float32Array): void {
  const grid = codebook('IQ2_S')
  for (let b = 0, o = 0; o < out.length; b += 82, o += BLOCK) {
    const d = half(bytes, b)
    for (let k = 0; k < 32; k++) {
      const high = (bytes[b + 66 + (k >> 2)]! >> (2 * (k & 3))) & 3
      const scale = d * (0.5 + nibble(bytes, b + 74, k >> 1)) * 0.25
      const from = (bytes[b + 2 + k]! | (high << 8)) * 8
      putSigned(out, o + k * 8, { grid, from, size: 8, scale, signs: bytes[b + 34 + k]! })
    }
  }
}

/** IQ3_XXS: d, 64 indices of 8 bits, 8 words of four times seven sign bits and a scale of 4 bits. */
export function dequantiseIq3Xxs(bytes: Uint8Array, out: Float32Array): void {
  const grid = codebook('IQ3_XXS')
  for (let b = 0, o = 0; o < out.length; b += 98, o += BLOCK) {
    const d = half(bytes, b)
    for (let k = 0; k < 64; k++) {
      const packed = u32(bytes, b + 66 + (k >> 3) * 4)
      const scale = d * (0.5 + (packed >>> 28)) * 0.5
      const signs = evenSigns((packed >>> (7 * ((k >> 1) & 3))) & 127) >> (4 * (k & 1))
      putSigned(out, o + k * 4, { grid, from: bytes[b + 2 + k]! * 4, size: 4, scale, signs })
    }
  }
}

/** IQ3_S: d, low bytes of 64 indices, a high bit an index, 32 bytes of signs, 8 scales of 4 bits. */
export function dequantiseIq3S(bytes: Uint8Array, out: Float32Array): void {
  const grid = codebook('IQ3_S')
  for (let b = 0, o = 0; o < out.length; b += 110, o += BLOCK) {
    const d = half(bytes, b)
    for (let k = 0; k < 64; k++) {
      const high = (bytes[b + 66 + (k >> 3)]! >> (k & 7)) & 1
      const scale = d * (1 + 2 * nibble(bytes, b + 106, k >> 3))
      const signs = bytes[b + 74 + (k >> 1)]! >> (4 * (k & 1))
      putSigned(out, o + k * 4, { grid, from: (bytes[b + 2 + k]! | (high << 8)) * 4, size: 4, scale, signs })
    }
  }
}

/** What lies between the values of IQ1's codebook and what they stand for. */
const DELTA = 0.125

function putShifted(out: Float32Array, at: number, { scale, from, delta }: { scale: number; from: number; delta: number }): void {
  const grid = codebook('IQ1')
  for (let j = 0; j < 8; j++) out[at + j] = scale * (grid[from + j]! + delta)
}

/** IQ1_S: d, low bytes of 32 indices, 8 words of four times three high bits, a scale of 3 bits and the sign of the shift. */
export function dequantiseIq1S(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 50, o += BLOCK) {
    const d = half(bytes, b)
    for (let k = 0; k < 32; k++) {
      const word = u16(bytes, b + 34 + 2 * (k >> 2))
      const index = bytes[b + 2 + k]! | (((word >> (3 * (k & 3))) & 7) << 8)
      const delta = word & 0x8000 ? -DELTA : DELTA
      putShifted(out, o + k * 8, { scale: d * (2 * ((word >> 12) & 7) + 1), from: index * 8, delta })
    }
  }
}

/** IQ1_M: low bytes of 32 indices, for each three high bits and the sign of the shift, 4 words of four scales and a quarter of d. */
export function dequantiseIq1M(bytes: Uint8Array, out: Float32Array): void {
  for (let b = 0, o = 0; o < out.length; b += 56, o += BLOCK) {
    const words = [0, 1, 2, 3].map((i) => u16(bytes, b + 48 + 2 * i))
    const d = float16Table()[words.reduce((bits, word, i) => bits | ((word >> 12) << (4 * i)), 0)]!
    for (let k = 0; k < 32; k++) {
      const high = nibble(bytes, b + 32, k)
      const group = k >> 1
      const scale = d * (2 * ((words[group >> 2]! >> (3 * (group & 3))) & 7) + 1)
      putShifted(out, o + k * 8, { scale, from: (bytes[b + k]! | ((high & 7) << 8)) * 8, delta: high & 8 ? -DELTA : DELTA })
    }
  }
}

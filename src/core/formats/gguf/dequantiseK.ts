// The K-quants to float32: superblocks of 256 values with scales of 4 to 8 bits. Layouts: block_q*_K in ggml-common.h.
import { float16Table } from '../halfFloat.ts'

const BLOCK = 256

/** Q2_K: 16 groups of 16; scales[16] (low nibble scale, high nibble minimum), qs[64], d, dmin. */
export function dequantiseQ2K(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 84, o += BLOCK) {
    const d = half[bytes[b + 80]! | (bytes[b + 81]! << 8)]!
    const dmin = half[bytes[b + 82]! | (bytes[b + 83]! << 8)]!
    for (let group = 0; group < 16; group++) {
      const packed = bytes[b + group]!
      const scale = d * (packed & 15)
      const minimum = dmin * (packed >> 4)
      const q = b + 16 + (group >> 3) * 32 + (group & 1) * 16
      const shift = group & 6
      for (let j = 0; j < 16; j++) out[o + group * 16 + j] = scale * ((bytes[q + j]! >> shift) & 3) - minimum
    }
  }
}

/** Q3_K: 16 groups of 16; hmask[32] (third bit, inverted), qs[64], scales[12] (16 of 6 bits, minus 32), d. */
export function dequantiseQ3K(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 110, o += BLOCK) {
    const d = half[bytes[b + 108]! | (bytes[b + 109]! << 8)]!
    for (let group = 0; group < 16; group++) {
      const low = (bytes[b + 96 + (group & 7)]! >> (group < 8 ? 0 : 4)) & 15
      const high = (bytes[b + 104 + (group & 3)]! >> ((group >> 2) * 2)) & 3
      const scale = d * ((low | (high << 4)) - 32)
      const column = (group & 1) * 16
      const q = b + 32 + (group >> 3) * 32 + column
      const shift = group & 6
      const bit = group >> 1
      for (let j = 0; j < 16; j++) {
        const top = (bytes[b + column + j]! >> bit) & 1
        out[o + group * 16 + j] = scale * (((bytes[q + j]! >> shift) & 3) - (top ? 0 : 4))
      }
    }
  }
}

/** Scale (6 bits) of group 0..7 in the 12 packed bytes of Q4_K and Q5_K that start at `s`. */
export const packedScale = (bytes: Uint8Array, s: number, group: number): number =>
  group < 4 ? bytes[s + group]! & 63 : (bytes[s + group + 4]! & 15) | ((bytes[s + group - 4]! >> 6) << 4)

/** Minimum (6 bits) of group 0..7 in the same bytes. */
export const packedMinimum = (bytes: Uint8Array, s: number, group: number): number =>
  group < 4 ? bytes[s + group + 4]! & 63 : (bytes[s + group + 4]! >> 4) | ((bytes[s + group]! >> 6) << 4)

/** Q4_K: 8 groups of 32; d, dmin, scales[12], qs[128]. */
export function dequantiseQ4K(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 144, o += BLOCK) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    const dmin = half[bytes[b + 2]! | (bytes[b + 3]! << 8)]!
    for (let group = 0; group < 8; group++) {
      const scale = d * packedScale(bytes, b + 4, group)
      const minimum = dmin * packedMinimum(bytes, b + 4, group)
      const q = b + 16 + (group >> 1) * 32
      const shift = (group & 1) * 4
      for (let j = 0; j < 32; j++) out[o + group * 32 + j] = scale * ((bytes[q + j]! >> shift) & 15) - minimum
    }
  }
}

/** Q5_K: 8 groups of 32; d, dmin, scales[12], qh[32] (fifth bits, one bit plane a group), qs[128]. */
export function dequantiseQ5K(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 176, o += BLOCK) {
    const d = half[bytes[b]! | (bytes[b + 1]! << 8)]!
    const dmin = half[bytes[b + 2]! | (bytes[b + 3]! << 8)]!
    for (let group = 0; group < 8; group++) {
      const scale = d * packedScale(bytes, b + 4, group)
      const minimum = dmin * packedMinimum(bytes, b + 4, group)
      const q = b + 48 + (group >> 1) * 32
      const shift = (group & 1) * 4
      for (let j = 0; j < 32; j++) {
        const high = ((bytes[b + 16 + j]! >> group) & 1) << 4
        out[o + group * 32 + j] = scale * (((bytes[q + j]! >> shift) & 15) | high) - minimum
      }
    }
  }
}

/** Q6_K: 16 groups of 16; ql[128] (low nibbles), qh[64] (upper two bits), scales[16] of int8, d. */
export function dequantiseQ6K(bytes: Uint8Array, out: Float32Array): void {
  const half = float16Table()
  for (let b = 0, o = 0; o < out.length; b += 210, o += BLOCK) {
    const d = half[bytes[b + 208]! | (bytes[b + 209]! << 8)]!
    for (let group = 0; group < 16; group++) {
      const scale = d * ((bytes[b + 192 + group]! << 24) >> 24)
      // Values of a half block of 128: quarter 0..3 picks nibble and bit pair, its 32 values are two groups.
      const quarter = (group >> 1) & 3
      const column = (group & 1) * 16
      const low = b + (group >> 3) * 64 + (quarter & 1) * 32 + column
      const high = b + 128 + (group >> 3) * 32 + column
      const lowShift = (quarter >> 1) * 4
      const highShift = quarter * 2
      for (let j = 0; j < 16; j++) {
        const q = ((bytes[low + j]! >> lowShift) & 15) | (((bytes[high + j]! >> highShift) & 3) << 4)
        out[o + group * 16 + j] = scale * (q - 32)
      }
    }
  }
}

// float32 to the K-quants of 4, 5 and 6 bits: superblocks of 256 values. Layouts: block_q*_K in ggml-common.h; steps:
// ggml-quants.c, quantize_row_q*_K_ref, without weights of importance.
import { float16Bits, float16Table } from '../halfFloat.ts'
import { packedMinimum, packedScale } from './dequantiseK.ts'
import { NOTHING, nearest, searchAffine, searchSymmetric, type AffineSearch, type Found } from './scaleSearch.ts'

const BLOCK = 256
const GROUPS = 8
const GROUP = 32
const f = Math.fround

const CODES = new Uint8Array(BLOCK)

/** Puts a float16 and returns what is read back from it. */
function putHalf(out: Uint8Array, at: number, value: number): number {
  const bits = float16Bits(value)
  out[at] = bits
  out[at + 1] = bits >> 8
  return float16Table()[bits]!
}

/** 8 scales and 8 minima of 6 bits in 12 bytes, as `packedScale` and `packedMinimum` read them. */
function packScales(out: Uint8Array, at: number, { scales, minima }: { scales: Uint8Array; minima: Uint8Array }): void {
  for (let group = 0; group < 4; group++) {
    const [scale, minimum] = [scales[group + 4]!, minima[group + 4]!]
    out[at + group] = scales[group]! | ((scale >> 4) << 6)
    out[at + group + 4] = minima[group]! | ((minimum >> 4) << 6)
    out[at + group + 8] = (scale & 15) | ((minimum & 15) << 4)
  }
}

const SCALES = new Float32Array(GROUPS)
const MINIMA = new Float32Array(GROUPS)
const WHOLE = { scales: new Uint8Array(GROUPS), minima: new Uint8Array(GROUPS) }
const FOUND: Found = { scale: 0, minimum: 0 }
const TO = { codes: CODES, found: FOUND }

/** Fills CODES for the superblock of values that starts at `from`, and puts d, dmin and the packed scales at `b`. */
function affineBlock(values: Float32Array, from: number, { search, out, b }: { search: AffineSearch; out: Uint8Array; b: number }): void {
  let [largestScale, largestMinimum] = [0, 0]
  const block = values.subarray(from, from + BLOCK)
  for (let group = 0; group < GROUPS; group++) {
    searchAffine({ values: block, from: group * GROUP, count: GROUP }, search, TO)
    SCALES[group] = FOUND.scale
    MINIMA[group] = FOUND.minimum
    largestScale = Math.max(largestScale, FOUND.scale)
    largestMinimum = Math.max(largestMinimum, FOUND.minimum)
  }
  const ofScales = largestScale > 0 ? f(63 / largestScale) : 0
  const ofMinima = largestMinimum > 0 ? f(63 / largestMinimum) : 0
  for (let group = 0; group < GROUPS; group++) {
    WHOLE.scales[group] = Math.min(63, nearest(f(ofScales * SCALES[group]!)))
    WHOLE.minima[group] = Math.min(63, nearest(f(ofMinima * MINIMA[group]!)))
  }
  const d = putHalf(out, b, f(largestScale / 63))
  const dmin = putHalf(out, b + 2, f(largestMinimum / 63))
  packScales(out, b + 4, WHOLE)
  // Codes once more, for the scales as they are stored.
  for (let group = 0; group < GROUPS; group++) {
    const scale = f(d * packedScale(out, b + 4, group))
    if (scale === 0) continue
    const minimum = f(dmin * packedMinimum(out, b + 4, group))
    for (let i = group * GROUP; i < (group + 1) * GROUP; i++) {
      const code = nearest(f(f(block[i]! + minimum) / scale))
      CODES[i] = code < 0 ? 0 : code > search.most ? search.most : code
    }
  }
}

const Q4K: AffineSearch = { most: 15, first: -1, tries: 20 }
const Q5K: AffineSearch = { most: 31, first: -0.5, tries: 15 }

export function quantiseQ4K(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += BLOCK, b += 144) {
    affineBlock(values, i, { search: Q4K, out, b })
    for (let pair = 0; pair < 4; pair++) {
      for (let j = 0; j < GROUP; j++) {
        const at = pair * 2 * GROUP + j
        out[b + 16 + pair * GROUP + j] = CODES[at]! | (CODES[at + GROUP]! << 4)
      }
    }
  }
}

export function quantiseQ5K(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += BLOCK, b += 176) {
    affineBlock(values, i, { search: Q5K, out, b })
    out.fill(0, b + 16, b + 48)
    for (let pair = 0; pair < 4; pair++) {
      for (let j = 0; j < GROUP; j++) {
        const at = pair * 2 * GROUP + j
        const [first, second] = [CODES[at]!, CODES[at + GROUP]!]
        out[b + 48 + pair * GROUP + j] = (first & 15) | ((second & 15) << 4)
        out[b + 16 + j] = out[b + 16 + j]! | ((first >> 4) << (2 * pair)) | ((second >> 4) << (2 * pair + 1))
      }
    }
  }
}

const Q6_GROUPS = 16
const Q6_GROUP = 16
const Q6_HALF = 32
const Q6_SCALES = new Float32Array(Q6_GROUPS)

export function quantiseQ6K(values: Float32Array, out: Uint8Array): void {
  for (let i = 0, b = 0; i < values.length; i += BLOCK, b += 210) {
    const block = values.subarray(i, i + BLOCK)
    let extreme = 0
    for (let group = 0; group < Q6_GROUPS; group++) {
      const scale = searchSymmetric({ values: block, from: group * Q6_GROUP, count: Q6_GROUP }, Q6_HALF, CODES)
      Q6_SCALES[group] = scale
      if (Math.abs(scale) > Math.abs(extreme)) extreme = scale
    }
    if (Math.abs(extreme) < NOTHING) {
      out.fill(0, b, b + 210)
      continue
    }
    const inverse = f(-128 / extreme)
    const d = putHalf(out, b + 208, f(1 / inverse))
    for (let group = 0; group < Q6_GROUPS; group++) {
      const whole = Math.min(127, nearest(f(inverse * Q6_SCALES[group]!)))
      out[b + 192 + group] = whole
      const scale = f(d * whole)
      if (scale === 0) continue
      for (let j = group * Q6_GROUP; j < (group + 1) * Q6_GROUP; j++) {
        const code = nearest(f(block[j]! / scale))
        CODES[j] = Q6_HALF + (code < -Q6_HALF ? -Q6_HALF : code > Q6_HALF - 1 ? Q6_HALF - 1 : code)
      }
    }
    for (let half = 0; half < 2; half++) {
      for (let j = 0; j < 32; j++) {
        const [q0, q1, q2, q3] = [0, 32, 64, 96].map((quarter) => CODES[half * 128 + quarter + j]!) as [number, number, number, number]
        out[b + half * 64 + j] = (q0 & 15) | ((q2 & 15) << 4)
        out[b + half * 64 + 32 + j] = (q1 & 15) | ((q3 & 15) << 4)
        out[b + 128 + half * 32 + j] = (q0 >> 4) | ((q1 >> 4) << 2) | ((q2 >> 4) << 4) | ((q3 >> 4) << 6)
      }
    }
  }
}

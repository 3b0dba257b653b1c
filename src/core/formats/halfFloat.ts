// float16 and bfloat16 to float32, by bits, so that NaN payloads and signed zeros survive; and float32 to float16.
// Typed arrays here and in the readers use the machine's byte order: Electron runs only on little-endian machines.

let table: Float32Array | undefined

/** float32 value of each of the 65,536 float16 bit patterns (IEEE 754 binary16). Built on first use, 256 KiB. */
export function float16Table(): Float32Array {
  if (table) return table
  const bits = new Uint32Array(65536)
  const values = new Float32Array(bits.buffer)
  for (let h = 0; h < 65536; h++) {
    const sign = (h & 0x8000) << 16
    const exponent = (h >> 10) & 31
    const fraction = h & 1023
    if (exponent === 0) {
      values[h] = fraction * 2 ** -24
      bits[h] = bits[h]! | sign
    } else bits[h] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)
  }
  table = values
  return values
}

/** Fills `out` from little-endian float16 values. */
export function float16ToFloat32(bytes: Uint8Array, out: Float32Array): void {
  const words = new Uint32Array(float16Table().buffer)
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < bits.length; i++) bits[i] = words[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!
}

/** Fills `out` from little-endian bfloat16 values (the upper half of a float32). */
export function bfloat16ToFloat32(bytes: Uint8Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24)
}

/** Fills `out` from little-endian float32 values. */
export function float32ToFloat32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes)
}

const single = new Float32Array(1)
const singleBits = new Uint32Array(single.buffer)

/** The float16 bits nearest to a float32 value, ties to even (IEEE 754); from 65,520 on infinity. */
export function float16Bits(value: number): number {
  single[0] = value
  const bits = singleBits[0]!
  const sign = (bits >>> 16) & 0x8000
  const size = bits & 0x7fffffff
  if (size >= 0x47800000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00)
  if (size >= 0x38800000) return sign | ((size + 0xfff + ((size >> 13) & 1) - 0x38000000) >> 13)
  // Below 2^-14 the last bit is 2^-24, which is that of a float32 from 0.5 on.
  single[0] = Math.abs(value) + 0.5
  return sign | (singleBits[0]! - 0x3f000000)
}

/** Fills `out` with the nearest float16 values, little endian. */
export function float32ToFloat16(values: Float32Array, out: Uint8Array): void {
  for (let i = 0; i < values.length; i++) {
    const bits = float16Bits(values[i]!)
    out[2 * i] = bits
    out[2 * i + 1] = bits >> 8
  }
}

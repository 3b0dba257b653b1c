// float16 and bfloat16 to float32, by bits, so that NaN payloads and signed zeros survive.
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

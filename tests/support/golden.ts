// Reads the golden files (safetensors and JSON) that PyTorch made.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readGguf, readTensorF32 } from '../../src/core/formats/gguf/index.ts'
import { readFloats, readSafetensors } from '../../src/core/formats/safetensors/index.ts'
import { openByteSource } from '../../src/engine/files/index.ts'

/** A file of tests/golden: the small goldens that travel with the repository. */
export const goldenPath = (relative: string): string => join(import.meta.dirname, '../golden', relative)

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T

/** All float32 tensors of a safetensors file whose names pass, by name. */
export function readFloatTensors(path: string, wanted: (name: string) => boolean = () => true): Map<string, Float32Array> {
  const source = openByteSource(path)
  try {
    const file = readSafetensors(source)
    const names = [...file.tensors].filter(([name, tensor]) => tensor.dtype === 'F32' && wanted(name)).map(([name]) => name)
    return new Map(names.map((name) => [name, readFloats({ source, file, name })]))
  } finally {
    source.close()
  }
}

/** All tensors of a GGUF file, dequantised, by name. */
export function readFloatTensorsOf(path: string): Map<string, Float32Array> {
  const source = openByteSource(path)
  try {
    return new Map([...readGguf(source).tensors.values()].map((tensor) => [tensor.name, readTensorF32(source, tensor)]))
  } finally {
    source.close()
  }
}

/** max |a - b| / max |b|, the measure of golden/README. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity
  let [difference, size] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs((found[i] as number) - (expected[i] as number)))
    size = Math.max(size, Math.abs(expected[i] as number))
  }
  return difference / size
}

/** Cosine of the angle between two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] as number) * (b[i] as number)
    aa += (a[i] as number) ** 2
    bb += (b[i] as number) ** 2
  }
  return ab / Math.sqrt(aa * bb)
}

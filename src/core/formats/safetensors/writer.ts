// Writes float32 tensors as a safetensors file; the same content gives the same bytes.
import type { ByteSink } from '../../ports/index.ts'
import { encodeUtf8 } from '../utf8.ts'

export type SafetensorsInput = {
  readonly name: string
  readonly shape: readonly number[]
  /** Row-major values. */
  readonly data: Float32Array
}

export type SafetensorsContent = {
  readonly tensors: readonly SafetensorsInput[]
  readonly metadata?: Readonly<Record<string, string>>
  readonly sink: ByteSink
}

const METADATA = '__metadata__'

/** Tensors in order of name (UTF-16 units), the header padded with spaces so that data start at a multiple of 8. */
export function writeSafetensors({ tensors, metadata, sink }: SafetensorsContent): void {
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  // No prototype: a tensor named "__proto__" is a key like any other.
  const header = Object.create(null) as Record<string, unknown>
  if (metadata) header[METADATA] = sortKeys(metadata)
  let end = 0
  for (const { name, shape, data } of sorted) {
    if (name in header || name === METADATA) {
      throw new RangeError(`safetensors: found the name "${name}" twice or reserved; expected each name once`)
    }
    const values = shape.reduce((product, size) => product * size, 1)
    if (values !== data.length) {
      const expected = `${values} for shape [${shape.join(', ')}]`
      throw new RangeError(`safetensors: found ${data.length} values in "${name}"; expected ${expected}`)
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] }
    end += data.byteLength
  }
  const json = encodeUtf8(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const head = new Uint8Array(8 + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(json, 8)
  sink(head)
  for (const { data } of sorted) sink(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

const sortKeys = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))

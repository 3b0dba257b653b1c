// Dequantisation against values that gguf-py and ggml's C code gave (tests/golden/dequant).
import { describe, expect, test } from 'vitest'
import {
  DEQUANTISED_TYPES,
  GGML_TYPES,
  UnsupportedTypeError,
  dequantise,
} from '../../../src/core/formats/gguf/index.ts'
import type { GgmlTypeName } from '../../../src/core/formats/gguf/index.ts'
import { readBytes, readFloats, readSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import { goldenBytes, goldenSource } from '../../support/bytes.ts'

type Entry = { key: string; type: GgmlTypeName; ggml_type: number; block_size: number; block_bytes: number }

const source = goldenSource('dequant/dequant.safetensors')
const file = readSafetensors(source)
const manifest = new TextDecoder().decode(goldenBytes('dequant/manifest.json'))
const { entries } = JSON.parse(manifest) as { entries: Entry[] }

const bitsOf = (floats: Float32Array): Uint32Array => new Uint32Array(floats.buffer, floats.byteOffset, floats.length)

test('every type of the golden is dequantised, and none without a golden but F32', () => {
  expect(new Set(DEQUANTISED_TYPES)).toEqual(new Set(['F32', ...entries.map((entry) => entry.type)]))
})

test.each(entries)('$key: number and block size of the type', (entry) => {
  expect(GGML_TYPES[entry.type]).toEqual({
    id: entry.ggml_type,
    blockSize: entry.block_size,
    blockBytes: entry.block_bytes,
  })
})

describe('bit for bit', () => {
  test.each(entries)('$key', ({ key, type }) => {
    const raw = readBytes({ source, file, name: `${key}.raw` })
    const expected = readFloats({ source, file, name: `${key}.f32` })
    const out = new Float32Array(expected.length)
    dequantise(type, raw, out)
    expect(bitsOf(out)).toEqual(bitsOf(expected))
  })

  test('Q8_0 from an odd offset of a larger buffer', () => {
    const raw = readBytes({ source, file, name: 'Q8_0.random.raw' })
    const shifted = new Uint8Array(raw.length + 1)
    shifted.set(raw, 1)
    const expected = readFloats({ source, file, name: 'Q8_0.random.f32' })
    const out = new Float32Array(expected.length)
    dequantise('Q8_0', shifted.subarray(1), out)
    expect(out).toEqual(expected)
  })

  test('F32 keeps bits, NaN payload included', () => {
    const bytes = new Uint8Array([0x01, 0x00, 0xa0, 0x7f, 0x00, 0x00, 0x00, 0x80])
    const out = new Float32Array(2)
    dequantise('F32', bytes, out)
    expect([...bitsOf(out)]).toEqual([0x7fa00001, 0x80000000])
  })

  test('F16: subnormals, signed zero, infinities', () => {
    const bytes = new Uint8Array([0x01, 0x00, 0x00, 0x80, 0x00, 0x7c, 0x00, 0xfc, 0xff, 0x83])
    const out = new Float32Array(5)
    dequantise('F16', bytes, out)
    expect([...out]).toEqual([2 ** -24, -0, Infinity, -Infinity, -1023 * 2 ** -24])
  })
})

describe('refusals', () => {
  test.each(['I8', 'I16', 'I32', 'I64', 'F64'] as const)('%s: the error names the type and what is supported', (type) => {
    const raw = new Uint8Array(8 * GGML_TYPES[type].blockBytes)
    expect(() => dequantise(type, raw, new Float32Array(8))).toThrow(UnsupportedTypeError)
    expect(() => dequantise(type, raw, new Float32Array(8))).toThrow(`found tensor type ${type}; expected one of F32, F16,`)
  })

  test('lengths that do not agree', () => {
    expect(() => dequantise('Q4_1', new Uint8Array(20), new Float32Array(64))).toThrow(
      'found 20 bytes for 64 values; expected 40 bytes',
    )
    expect(() => dequantise('Q4_1', new Uint8Array(10), new Float32Array(16))).toThrow(RangeError)
  })
})

// Quantisation against the bytes that ggml's own functions gave (tests/golden/quantise, by ggml_quantize_chunk).
import { describe, expect, test } from 'vitest'
import { dequantise, FILE_TYPES, quantise, QUANTISED_TYPES, storedType, type QuantisedType } from '../../../src/core/formats/gguf/index.ts'
import { readBytes, readFloats, readSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import { goldenSource } from '../../support/bytes.ts'
import { random } from '../../support/random.ts'

const source = goldenSource('quantise/quantise.safetensors')
const file = readSafetensors(source)
const values = readFloats({ source, file, name: 'values' })
const columns = values.length / 8

const hardly = QUANTISED_TYPES.filter((type) => type !== 'F32')

test('every type has bytes to be compared with, and a number of its kind of file', () => {
  expect(new Set(hardly)).toEqual(new Set([...file.tensors.keys()].filter((name) => name !== 'values')))
  expect(new Set(Object.keys(FILE_TYPES))).toEqual(new Set(QUANTISED_TYPES))
})

describe('byte for byte', () => {
  // Rows: small normal with outliers, heavy tails, around 0.3, positive, sparse, on a grid, tiny, one step and zeros.
  test.each(hardly)('%s', (type) => {
    expect(quantise(type, values)).toEqual(readBytes({ source, file, name: type }))
  })
})

/** Root mean square of what a type loses of normal values, as a share of theirs. */
function loss(type: QuantisedType): number {
  const next = random(3)
  const normal = Float32Array.from({ length: 8192 }, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()))
  const out = new Float32Array(normal.length)
  dequantise(type, quantise(type, normal), out)
  const squares = (of: (i: number) => number): number => normal.reduce((sum, _, i) => sum + of(i) ** 2, 0)
  return Math.sqrt(squares((i) => out[i]! - normal[i]!) / squares((i) => normal[i]!))
}

test('more bits lose less', () => {
  const losses = ['F32', 'F16', 'Q8_0', 'Q6_K', 'Q5_K', 'Q4_K', 'Q4_0'].map((type) => loss(type as QuantisedType))
  console.log(losses.map((x) => x.toExponential(2)).join(' '))
  expect(losses).toEqual(losses.toSorted((a, b) => a - b))
  expect(losses[0]).toBe(0)
  expect(losses[2]).toBeLessThan(0.01)
  expect(losses[5]).toBeLessThan(0.09)
})

test('values that lie on the codes come back exactly', () => {
  const scale = 2 ** -7
  const whole = Float32Array.from({ length: 64 }, (_, i) => scale * (i === 5 || i === 40 ? 127 : (i % 32) - 16))
  const out = new Float32Array(64)
  dequantise('Q8_0', quantise('Q8_0', whole), out)
  expect(out).toEqual(whole)
})

describe('refused', () => {
  test.each([NaN, Infinity, 70_000])('%f in Q4_K', (bad) => {
    const some = values.slice(0, 256)
    some[17] = bad
    expect(() => quantise('Q4_K', some)).toThrow(/a weight cannot be stored/)
  })
  test('70,000 is fine as F32', () => expect(quantise('F32', Float32Array.of(70_000)).length).toBe(4))
  test('a part of a block', () => expect(() => quantise('Q4_K', values.slice(0, 32))).toThrow(/32 values; expected blocks of 256/))
})

describe('the type of each tensor', () => {
  const head = 'token_embd.weight'
  const placed = (name: string, ...shape: number[]) => ({ name, shape })
  test.each([
    ['a norm', placed('blk.0.attn_norm.weight', 576), 'Q4_K', 'F32'],
    ['a matrix', placed('blk.0.ffn_up.weight', 1536, 512), 'Q4_K', 'Q4_K'],
    ['the head', placed(head, 49152, 512), 'Q4_K', 'Q6_K'],
    ['the head of a Q8_0 file', placed(head, 49152, 512), 'Q8_0', 'Q8_0'],
    ['an embedding that is not the head', placed('other.weight', 49152, 512), 'Q4_K', 'Q4_K'],
    ['rows of 576', placed('blk.0.ffn_up.weight', 1536, 576), 'Q4_K', 'Q5_0'],
    ['rows of 576 in a Q6_K file', placed('blk.0.ffn_up.weight', 1536, 576), 'Q6_K', 'Q8_0'],
    ['the head with rows of 576', placed(head, 49152, 576), 'Q5_K', 'Q8_0'],
    ['rows of 40', placed('blk.0.ffn_up.weight', 64, 40), 'Q8_0', 'F16'],
    ['rows of 40 in a file of floats', placed('blk.0.ffn_up.weight', 64, 40), 'F32', 'F32'],
  ] as const)('%s', (_, tensor, type, expected) => expect(storedType(tensor, { type, head })).toBe(expected))
  expect(columns).toBe(512)
})

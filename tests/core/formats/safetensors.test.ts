// safetensors: bytes built by hand, write and read back, malformed files, seeded mutations.
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../../src/core/formats/formatError.ts'
import {
  TensorAccessError,
  readBytes,
  readFloats,
  readInt32s,
  readInt64s,
  readSafetensors,
  writeSafetensors,
} from '../../../src/core/formats/safetensors/index.ts'
import type { SafetensorsInput } from '../../../src/core/formats/safetensors/index.ts'
import { bytesSource, collect, goldenSource } from '../../support/bytes.ts'
import { random } from '../../support/random.ts'
import { join, text, u64 } from './ggufBytes.ts'

const hand = (header: string, data: Uint8Array | number[] = []): Uint8Array =>
  join(u64(text(header).length), text(header), Uint8Array.from(data))

const open = (bytes: Uint8Array) => {
  const source = bytesSource(bytes, 'hand.safetensors')
  const file = readSafetensors(source)
  return { file, at: (name: string) => ({ source, file, name }) }
}

const entry = (...[name, dtype, shape, range]: [string, string, number[], [number, number]]): string =>
  `"${name}":{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${range.join()}]}`

describe('a sound file', () => {
  const types = [
    entry('i64', 'I64', [1], [0, 8]),
    entry('f32', 'F32', [1, 2], [8, 16]),
    entry('i32', 'I32', [1], [16, 20]),
    entry('bf16', 'BF16', [2], [20, 24]),
    entry('f16', 'F16', [], [24, 26]),
    entry('u8', 'U8', [3], [26, 29]),
    entry('none', 'F32', [0, 4], [26, 26]),
  ]
  const header = `{"__metadata__":{"format":"pt"},${types.join()}}  `
  const data = [
    ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ...[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0],
    ...[0xff, 0xff, 0xff, 0xff],
    ...[0x80, 0x3f, 0x40, 0xc0],
    ...[0x00, 0x38],
    ...[1, 2, 3],
  ]
  const { file, at } = open(hand(header, data))

  test('values of each type', () => {
    expect(readInt64s(at('i64'))).toEqual(BigInt64Array.of(-2n))
    expect(readFloats(at('f32'))).toEqual(Float32Array.of(1, -2))
    expect(readInt32s(at('i32'))).toEqual(Int32Array.of(-1))
    expect(readFloats(at('bf16'))).toEqual(Float32Array.of(1, -3))
    expect(readFloats(at('f16'))).toEqual(Float32Array.of(0.5))
    expect(readBytes(at('u8'))).toEqual(Uint8Array.of(1, 2, 3))
    expect(readFloats(at('none'))).toEqual(new Float32Array(0))
    expect(file.metadata).toEqual(new Map([['format', 'pt']]))
    expect(file.tensors.get('f32')).toEqual({
      name: 'f32',
      dtype: 'F32',
      shape: [1, 2],
      offset: 8 + header.length + 8,
      byteLength: 8,
    })
  })

  test.each([
    [() => readFloats(at('x')), 'tensor "x": found no tensor of this name; expected F32 or F16 or BF16'],
    [() => readFloats(at('u8')), 'tensor "u8": found U8; expected F32 or F16 or BF16'],
    [() => readInt32s(at('i64')), 'tensor "i64": found I64; expected I32'],
    [() => readInt64s(at('i32')), 'tensor "i32": found I32; expected I64'],
    [() => readBytes(at('f32')), 'tensor "f32": found F32; expected U8'],
  ])('refusal %#', (access, message) => {
    expect(access).toThrow(TensorAccessError)
    expect(access).toThrow(message)
  })

  test('one written by the safetensors package', () => {
    const source = goldenSource('tiny/llama_tied.safetensors')
    const golden = readSafetensors(source)
    expect(golden.tensors.get('blk.0.attn_k.weight.lora_b')!.shape).toEqual([32, 2])
    expect(readInt32s({ source, file: golden, name: 'ids' }).every((id) => id >= 0 && id < 300)).toBe(true)
  })
})

describe('malformed files', () => {
  const f32 = (range: [number, number], shape = [1]) => entry('w', 'F32', shape, range)
  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'at byte 0: found a file of 0 bytes; expected at least 8 bytes'],
    ['header beyond the end', join(u64(100), text('{}')), 'found a header length of 100 bytes; expected at most 2'],
    ['huge header', join(u64(2n ** 63n), text('{}')), 'found a header length of 9223372036854775808 bytes'],
    ['no JSON', hand('{"w":'), 'at byte 8: found a header that is not JSON'],
    ['no object', hand('[]'), 'found a header that is no object'],
    ['null', hand('null'), 'found a header that is no object'],
    ['entry no object', hand('{"w":3}'), 'found tensor "w" with an entry that is no object'],
    ['metadata no object', hand('{"__metadata__":[]}'), 'found "__metadata__" that is no object'],
    ['metadata number', hand('{"__metadata__":{"a":1}}'), 'found number as "__metadata__" value "a"'],
    ['unknown dtype', hand(`{${entry('w', 'F12', [1], [0, 4])}}`, [0, 0, 0, 0]), 'dtype "F12"; expected one of BOOL'],
    ['dtype from the prototype', hand(`{${entry('w', 'toString', [1], [0, 4])}}`), 'dtype "toString"'],
    ['negative size', hand(`{${f32([0, 4], [-1])}}`, [0, 0, 0, 0]), 'found tensor "w" with shape [-1]'],
    ['size no whole number', hand(`{${f32([0, 4], [0.5])}}`, [0, 0, 0, 0]), 'shape [0.5]'],
    ['many dimensions', hand(`{${f32([0, 4], Array<number>(17).fill(1))}}`, [0, 0, 0, 0]), 'expected at most 16 whole'],
    ['huge product', hand(`{${f32([0, 4], [1e15, 1e15])}}`, [0, 0, 0, 0]), 'found tensor "w" with 4 bytes; expected'],
    [
      'one offset',
      hand('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}}'),
      'data_offsets [0]; expected two whole',
    ],
    ['end before start', hand(`{${f32([4, 0])}}`, [0, 0, 0, 0]), 'data_offsets 4 to 0'],
    ['data beyond the end', hand(`{${f32([0, 4])}}`, [0, 0, 0]), 'a range of the 3 bytes after the header'],
    [
      'bytes and shape differ',
      hand(`{${f32([0, 4], [2])}}`, [0, 0, 0, 0]),
      'with 4 bytes; expected 8 for F32 of shape [2]',
    ],
    ['hole', hand(`{${f32([4, 8])}}`, Array<number>(8).fill(0)), 'without hole or overlap'],
    [
      'overlap',
      hand(`{${f32([0, 4])},${entry('v', 'U8', [4], [2, 6])}}`, Array<number>(6).fill(0)),
      'found data of tensor "v" from byte',
    ],
    ['bytes after the last tensor', hand(`{${f32([0, 4])}}`, [0, 0, 0, 0, 0]), 'where the last tensor ends'],
  ])('%s', (_, bytes, message) => {
    expect(() => open(bytes)).toThrow(FormatError)
    expect(() => open(bytes)).toThrow(message)
  })

  test('seeded mutations end in a result or a FormatError', () => {
    const next = random(7)
    const bytes = hand(`{"__metadata__":{"a":"b"},${f32([0, 4])},${entry('v', 'U8', [4], [4, 8])}}`, Array(8).fill(1))
    let refused = 0
    for (let round = 0; round < 500; round++) {
      const mutated = bytes.slice(0, next() < 0.2 ? Math.floor(next() * bytes.length) : bytes.length)
      for (let change = 0; change < 1 + next() * 3; change++) {
        const at = next() < 0.1 ? 0 : Math.floor(next() * mutated.length)
        mutated[at] = next() < 0.5 ? 0x30 + Math.floor(next() * 10) : Math.floor(next() * 256)
      }
      try {
        open(mutated)
      } catch (error) {
        expect(error, `round ${round}`).toBeInstanceOf(FormatError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(250)
    expect(refused).toBeLessThan(500)
  })
})

describe('writer', () => {
  const tensors: SafetensorsInput[] = [
    { name: 'b', shape: [2, 1], data: Float32Array.of(1, 2) },
    { name: 'a', shape: [1], data: Float32Array.of(-0) },
    { name: '__proto__', shape: [0], data: new Float32Array(0) },
  ]

  test('these bytes, whatever the order of the input', () => {
    const header =
      '{"__metadata__":{"format":"pt","z":"1"},"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    const data = [0, 0, 0, 0x80, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
    const metadata = { z: '1', format: 'pt' }
    for (const input of [tensors, tensors.toReversed()]) {
      expect(collect((sink) => writeSafetensors({ tensors: input, metadata, sink }))).toEqual(hand(padded, data))
    }
  })

  test('written, read, equal', () => {
    const { file, at } = open(collect((sink) => writeSafetensors({ tensors, sink })))
    expect([...file.tensors.keys()].toSorted()).toEqual(['__proto__', 'a', 'b'])
    for (const { name, shape, data } of tensors) {
      expect(file.tensors.get(name)!.shape).toEqual(shape)
      expect(readFloats(at(name))).toEqual(data)
    }
    expect(file.metadata.size).toBe(0)
  })

  test('refusals', () => {
    const write = (input: SafetensorsInput[]) => () => collect((sink) => writeSafetensors({ tensors: input, sink }))
    expect(write([tensors[0]!, tensors[0]!])).toThrow('found the name "b" twice')
    const short = { name: 'w', shape: [3], data: new Float32Array(2) }
    expect(write([short])).toThrow('found 2 values in "w"; expected 3 for shape [3]')
    expect(write([{ name: '__metadata__', shape: [1], data: new Float32Array(1) }])).toThrow('"__metadata__"')
  })
})

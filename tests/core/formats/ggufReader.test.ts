// The GGUF reader: files built by hand, malformed ones, and seeded mutations.
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../../src/core/formats/formatError.ts'
import {
  MetadataError,
  metadataBoolean,
  metadataNumber,
  metadataNumbers,
  metadataString,
  metadataStrings,
  readGguf,
} from '../../../src/core/formats/gguf/index.ts'
import { bytesSource, goldenBytes, goldenSource } from '../../support/bytes.ts'
import { random } from '../../support/random.ts'
import { VALUE, entry, f32, ggufFile, join, string, tensor, text, u32, u64, u8 } from './ggufBytes.ts'

const read = (bytes: Uint8Array) => readGguf(bytesSource(bytes, 'hand.gguf'))

const array = (of: number, count: number | bigint, ...elements: Uint8Array[]) =>
  join(u32(of), u64(count), ...elements)

/** Every value type, a nested array, two tensors. */
const whole = ggufFile({
  metadata: [
    entry('general.architecture', VALUE.string, string('llama')),
    entry('a.u8', VALUE.u8, u8(250)),
    entry('a.i8', VALUE.i8, u8(250)),
    entry('a.u16', VALUE.u16, u8(0xfe), u8(0xff)),
    entry('a.i16', VALUE.i16, u8(0xfe), u8(0xff)),
    entry('a.u32', VALUE.u32, u32(4294967295)),
    entry('a.i32', VALUE.i32, u32(4294967295)),
    entry('a.f32', VALUE.f32, f32(0.5)),
    entry('a.bool', VALUE.bool, u8(1)),
    entry('a.u64', VALUE.u64, u64(2n ** 64n - 1n)),
    entry('a.i64', VALUE.i64, u64(2n ** 64n - 1n)),
    entry('a.f64', VALUE.f64, u64(0x3ff8000000000000n)),
    entry('tokens', VALUE.array, array(VALUE.string, 3, string('a'), string('\u0120the'), string('\u{1f600}'))),
    entry('types', VALUE.array, array(VALUE.i32, 2, u32(1), u32(4294967293))),
    entry('flags', VALUE.array, array(VALUE.bool, 2, u8(0), u8(1))),
    entry('big', VALUE.array, array(VALUE.u64, 1, u64(7))),
    entry('nested', VALUE.array, array(VALUE.array, 2, array(VALUE.u8, 1, u8(9)), array(VALUE.string, 0))),
  ],
  tensors: [
    tensor({ name: 'x.weight', ne: [4, 2], type: 0, offset: 0 }),
    tensor({ name: 'y.weight', ne: [32, 3], type: 8, offset: 32 }),
  ],
  data: new Uint8Array(32 + 3 * 34),
})

describe('a sound file', () => {
  test('metadata keep their types', () => {
    const values = Object.fromEntries(read(whole).metadata)
    expect(values).toEqual({
      'general.architecture': { type: 'string', value: 'llama' },
      'a.u8': { type: 'u8', value: 250 },
      'a.i8': { type: 'i8', value: -6 },
      'a.u16': { type: 'u16', value: 65534 },
      'a.i16': { type: 'i16', value: -2 },
      'a.u32': { type: 'u32', value: 4294967295 },
      'a.i32': { type: 'i32', value: -1 },
      'a.f32': { type: 'f32', value: 0.5 },
      'a.bool': { type: 'bool', value: true },
      'a.u64': { type: 'u64', value: 2n ** 64n - 1n },
      'a.i64': { type: 'i64', value: -1n },
      'a.f64': { type: 'f64', value: 1.5 },
      tokens: { type: 'array', of: 'string', value: ['a', '\u0120the', '\u{1f600}'] },
      types: { type: 'array', of: 'i32', value: Int32Array.of(1, -3) },
      flags: { type: 'array', of: 'bool', value: [false, true] },
      big: { type: 'array', of: 'u64', value: BigUint64Array.of(7n) },
      nested: {
        type: 'array',
        of: 'array',
        value: [
          { type: 'array', of: 'u8', value: Uint8Array.of(9) },
          { type: 'array', of: 'string', value: [] },
        ],
      },
    })
  })

  test('tensors: row-major shapes, absolute offsets', () => {
    const gguf = read(whole)
    const dataStart = whole.length - (32 + 3 * 34)
    expect([...gguf.tensors.values()]).toEqual([
      { name: 'x.weight', type: 'F32', shape: [2, 4], offset: dataStart, byteLength: 32 },
      { name: 'y.weight', type: 'Q8_0', shape: [3, 32], offset: dataStart + 32, byteLength: 102 },
    ])
    expect(gguf).toMatchObject({ name: 'hand.gguf', version: 3, alignment: 32 })
  })

  test('version 2, other alignment', () => {
    const file = ggufFile({
      version: 2,
      alignment: 128,
      metadata: [entry('general.alignment', VALUE.u32, u32(128))],
      tensors: [
        tensor({ name: 'a', ne: [1], type: 0, offset: 128 }),
        tensor({ name: 'b', ne: [1], type: 0, offset: 0 }),
      ],
      data: new Uint8Array(132),
    })
    const gguf = read(file)
    expect(gguf.alignment).toBe(128)
    expect(gguf.tensors.get('a')!.offset).toBe(256)
    expect(gguf.tensors.get('b')!.offset).toBe(128)
  })

  test('tiny llama from gguf-py', () => {
    const gguf = readGguf(goldenSource('tiny/llama_tied.gguf'))
    expect(gguf.tensors.get('blk.0.attn_k.weight')).toMatchObject({ type: 'F32', shape: [32, 64] })
    expect(metadataNumber(gguf, 'llama.block_count')).toBe(2)
    expect(metadataStrings(gguf, 'tokenizer.ggml.tokens')).toHaveLength(300)
  })
})

describe('metadata access', () => {
  const gguf = read(whole)
  test('numbers of any type, fallbacks', () => {
    expect(metadataNumber(gguf, 'a.i16')).toBe(-2)
    expect(metadataNumber(gguf, 'a.i64')).toBe(-1)
    expect(metadataNumber(gguf, 'absent', 7)).toBe(7)
    expect(metadataNumbers(gguf, 'types')).toEqual([1, -3])
    expect(metadataNumbers(gguf, 'big')).toEqual([7])
    expect(metadataBoolean(gguf, 'a.bool')).toBe(true)
    expect(metadataString(gguf, 'absent', 'x')).toBe('x')
  })

  test.each([
    [() => metadataNumber(gguf, 'absent'), '"absent": found no such entry; expected a number'],
    [() => metadataNumber(gguf, 'general.architecture', 7), 'found type string; expected a number'],
    [() => metadataNumber(gguf, 'a.u64'), 'found type u64; expected a number'],
    [() => metadataString(gguf, 'a.u8'), 'found type u8; expected a string'],
    [() => metadataBoolean(gguf, 'a.u8'), 'found type u8; expected a boolean'],
    [() => metadataStrings(gguf, 'types'), 'found type array of i32; expected an array of strings'],
    [() => metadataNumbers(gguf, 'tokens'), 'found type array of string; expected an array of numbers'],
  ])('refusal %#', (access, message) => {
    expect(access).toThrow(MetadataError)
    expect(access).toThrow(message)
  })
})

describe('malformed files', () => {
  const oneTensor = (change: Partial<Parameters<typeof tensor>[0]>, data = 32) =>
    ggufFile({
      tensors: [tensor({ name: 'w', ne: [8], type: 0, offset: 0, ...change })],
      data: new Uint8Array(data),
    })
  const oneValue = (type: number, ...value: Uint8Array[]) => ggufFile({ metadata: [entry('k', type, ...value)] })
  const deep = (levels: number): Uint8Array =>
    levels === 0 ? array(VALUE.u8, 0) : array(VALUE.array, 1, deep(levels - 1))

  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'at byte 0: found the end of the file after 0 bytes; expected magic number (4 bytes)'],
    ['other magic', ggufFile({ magic: text('GGML') }), 'at byte 0: found magic number 0x4c4d4747; expected 0x46554747'],
    ['version 1', ggufFile({ version: 1 }), 'at byte 4: found version 1; expected version 2 or 3'],
    ['version 4', ggufFile({ version: 4 }), 'found version 4'],
    ['big endian', ggufFile({ version: 0x03000000 }), 'found version 0x03000000, a big-endian file'],
    [
      'huge tensor count',
      ggufFile({ tensorCount: 2n ** 63n }),
      'at byte 8: found number of tensors 9223372036854775808',
    ],
    [
      'huge metadata count',
      ggufFile({ metadataCount: 1e15 }),
      'at byte 16: found number of metadata entries 1000000000000000',
    ],
    [
      'missing metadata',
      ggufFile({ metadataCount: 2 }),
      'at byte 32: found the end of the file after 0 bytes; expected value type of "" (4 bytes)',
    ],
    ['missing tensor', ggufFile({ tensorCount: 1 }), 'expected number of dimensions of tensor "" (4 bytes)'],
    [
      'key longer than allowed',
      ggufFile({ metadataCount: 1, metadata: [u64(70_000)] }),
      'length of metadata key 70000',
    ],
    [
      'key beyond the end',
      ggufFile({ metadataCount: 1, metadata: [u64(60_000)] }),
      'expected metadata key (60000 bytes)',
    ],
    ['string beyond the end', oneValue(VALUE.string, u64(1000)), 'expected metadata string (1000 bytes)'],
    [
      'huge string',
      oneValue(VALUE.string, u64(2n ** 40n)),
      'length of metadata string 1099511627776; expected at most',
    ],
    ['unknown value type', oneValue(13), 'found value type of "k" 13; expected one of 0 u8, 1 i8'],
    ['unknown element type', oneValue(VALUE.array, array(99, 0)), 'found element type of "k" 99'],
    ['boolean 2', oneValue(VALUE.bool, u8(2)), 'at byte 37: found value of "k" 2; expected 0 or 1'],
    ['huge array', oneValue(VALUE.array, array(VALUE.u8, 2n ** 60n)), 'number of elements of "k" 1152921504606846976'],
    [
      'array beyond the end',
      oneValue(VALUE.array, array(VALUE.u32, 1_000_000)),
      'expected 1000000 elements of at least 4',
    ],
    ['strings beyond the end', oneValue(VALUE.array, array(VALUE.string, 1_000_000)), 'of at least 8 bytes each'],
    ['nesting', oneValue(VALUE.array, deep(4)), 'arrays within arrays 4 deep in "k"; expected at most 3'],
    [
      'key twice',
      ggufFile({ metadata: [entry('k', VALUE.u8, u8(1)), entry('k', VALUE.u8, u8(1))] }),
      'found a second entry "k"; expected each key once',
    ],
    [
      'alignment 24',
      ggufFile({ metadata: [entry('general.alignment', VALUE.u32, u32(24))] }),
      'found general.alignment 24; expected a u32 that is a power of two',
    ],
    ['alignment 0', ggufFile({ metadata: [entry('general.alignment', VALUE.u32, u32(0))] }), 'general.alignment 0'],
    [
      'alignment 2^31',
      ggufFile({ metadata: [entry('general.alignment', VALUE.u32, u32(2 ** 31))] }),
      'at most 1048576',
    ],
    [
      'alignment text',
      ggufFile({ metadata: [entry('general.alignment', VALUE.string, string('32'))] }),
      'of type string',
    ],
    ['tensor name too long', oneTensor({ name: 'n'.repeat(65) }), 'length of tensor name 65; expected at most 64'],
    ['five dimensions', oneTensor({ ne: [1, 1, 1, 1, 8] }), 'found 5 dimensions of tensor "w"; expected at most 4'],
    ['dimension 0', oneTensor({ ne: [8, 0] }), 'found dimension 1 of tensor "w" is 0; expected at least 1'],
    ['dimension above 2^53', oneTensor({ ne: [2n ** 60n] }), 'dimension 0 of tensor "w" 1152921504606846976'],
    ['values above 2^53', oneTensor({ ne: [2n ** 40n, 2n ** 40n] }), 'more than 2^53 values in tensor "w"'],
    ['unknown type', oneTensor({ type: 99 }), 'found type number 99 of tensor "w"; expected one of 0 F32, 1 F16'],
    ['removed type', oneTensor({ type: 4 }), 'found type number 4'],
    [
      'row no multiple of the block',
      oneTensor({ ne: [8], type: 8 }),
      'rows of 8 values in tensor "w"; expected rows of a multiple of 32',
    ],
    [
      'offset between alignments',
      oneTensor({ offset: 16 }, 64),
      'data offset 16; expected a multiple of the alignment 32',
    ],
    ['data beyond the end', oneTensor({}, 31), 'is it cut off?'],
    ['offset beyond the end', oneTensor({ offset: 2n ** 63n }), 'with 32 bytes from data offset 9223372036854775808'],
    [
      'name twice',
      ggufFile({
        tensors: [0, 32].map((offset) => tensor({ name: 'w', ne: [8], type: 0, offset })),
        data: new Uint8Array(64),
      }),
      'found a second tensor "w"; expected each name once',
    ],
    [
      'overlap',
      ggufFile({
        tensors: [
          tensor({ name: 'v', ne: [8], type: 0, offset: 32 }),
          tensor({ name: 'w', ne: [9], type: 0, offset: 0 }),
        ],
        data: new Uint8Array(64),
      }),
      'found data of tensor "v" within that of "w"',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(FormatError)
    expect(() => read(bytes)).toThrow(message)
    expect(() => read(bytes)).toThrow(/^hand\.gguf: at byte \d+: found .*; expected /)
  })

  test('many short arrays', () => {
    const empty = array(VALUE.u8, 0)
    const many = new Uint8Array(70_000 * empty.length)
    for (let i = 0; i < 70_000; i++) many.set(empty, i * empty.length)
    const bytes = oneValue(VALUE.array, array(VALUE.array, 70_000, many))
    expect(() => read(bytes)).toThrow('number of arrays 65537 in all metadata so far; expected at most 65536')
  })

  test('elements are limited over the whole file', () => {
    const part = 2 ** 23
    const metadata = ['a', 'b', 'c'].map((key) => entry(key, VALUE.array, array(VALUE.u8, part, new Uint8Array(part))))
    expect(() => read(ggufFile({ metadata }))).toThrow('number of array elements 25165824 in all metadata so far')
  })

  test('cut off anywhere', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(whole.subarray(0, length)), `first ${length} bytes`).toThrow(FormatError)
    }
  })
})

describe('seeded mutations end in a result or a FormatError, and read no more than the file', () => {
  const headerOf = (bytes: Uint8Array): number =>
    Math.min(...Array.from(read(bytes).tensors.values(), ({ offset }) => offset))

  test.each([
    { name: 'hand-made', bytes: whole, rounds: 600 },
    { name: 'tiny/llama_tied.gguf', bytes: goldenBytes('tiny/llama_tied.gguf'), rounds: 150 },
  ])('$name', ({ bytes, rounds }) => {
    const next = random(20261122)
    const below = (limit: number) => Math.floor(next() * limit)
    const header = headerOf(bytes)
    let refused = 0
    for (let round = 0; round < rounds; round++) {
      const mutated = bytes.slice()
      for (let change = 0; change <= below(4); change++) {
        const at = below(header)
        const length = [1, 1, 2, 4, 8][below(5)]!
        for (let i = at; i < Math.min(at + length, header); i++) mutated[i] = [0, 0xff, 0x7f, below(256)][below(4)]!
      }
      const file = next() < 0.2 ? mutated.subarray(0, below(mutated.length)) : mutated
      const inner = bytesSource(file)
      let readBytes = 0
      const counting = {
        ...inner,
        read: (offset: number, length: number) => {
          readBytes += length
          return inner.read(offset, length)
        },
      }
      try {
        readGguf(counting)
      } catch (error) {
        expect(error, `round ${round}`).toBeInstanceOf(FormatError)
        refused++
      }
      expect(readBytes, `round ${round}`).toBeLessThanOrEqual(2 * file.length)
    }
    expect(refused).toBeGreaterThan(rounds / 4)
    expect(refused).toBeLessThan(rounds)
  })
})

// The GGUF writer: what is written reads back equal, and a file read and written unchanged has equal bytes.
import { describe, expect, test } from 'vitest'
import { readGguf, readTensorF32, writeF32Copy, writeGguf } from '../../../src/core/formats/gguf/index.ts'
import type { GgufTensorInput, GgufValue } from '../../../src/core/formats/gguf/index.ts'
import { readBytes, readFloats, readSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import type { ByteSource } from '../../../src/core/ports/index.ts'
import { bytesSource, collect, goldenBytes, goldenSource } from '../../support/bytes.ts'

/** Every tensor's stored bytes as writer input. */
function unchanged(source: ByteSource): { metadata: ReadonlyMap<string, GgufValue>; tensors: GgufTensorInput[] } {
  const { metadata, tensors } = readGguf(source)
  const inputs = Array.from(tensors.values(), ({ name, type, shape, offset, byteLength }) => ({
    name,
    type,
    shape,
    write: (sink: (chunk: Uint8Array) => void) => sink(source.read(offset, byteLength)),
  }))
  return { metadata, tensors: inputs }
}

const f32Tensor = (name: string, shape: number[], values: number[]): GgufTensorInput => ({
  name,
  type: 'F32',
  shape,
  write: (sink) => {
    for (const value of values) sink(new Uint8Array(Float32Array.of(value).buffer))
  },
})

const everyType = new Map<string, GgufValue>([
  ['u8', { type: 'u8', value: 255 }],
  ['i8', { type: 'i8', value: -128 }],
  ['u16', { type: 'u16', value: 65535 }],
  ['i16', { type: 'i16', value: -32768 }],
  ['u32', { type: 'u32', value: 4294967295 }],
  ['i32', { type: 'i32', value: -2147483648 }],
  ['f32', { type: 'f32', value: Math.fround(1e-5) }],
  ['f64', { type: 'f64', value: Math.PI }],
  ['u64', { type: 'u64', value: 2n ** 64n - 1n }],
  ['i64', { type: 'i64', value: -(2n ** 63n) }],
  ['bool', { type: 'bool', value: false }],
  ['string', { type: 'string', value: 'a\u0000\u00e9\u{1f600}' }],
  ['not UTF-8', { type: 'string', value: 'x\udcffy' }],
  ['arrays', { type: 'array', of: 'array', value: [{ type: 'array', of: 'f32', value: Float32Array.of(1, -0) }] }],
  ['strings', { type: 'array', of: 'string', value: ['', 'b'] }],
  ['bools', { type: 'array', of: 'bool', value: [true, false] }],
  ['i64s', { type: 'array', of: 'i64', value: BigInt64Array.of(-1n) }],
  ['u16s', { type: 'array', of: 'u16', value: Uint16Array.of(1, 65535) }],
])

describe('write, read, equal', () => {
  test('every value type, in order', () => {
    const bytes = collect((sink) => writeGguf({ metadata: everyType, tensors: [], sink }))
    const { metadata, version } = readGguf(bytesSource(bytes))
    expect([...metadata]).toEqual([...everyType])
    expect(version).toBe(3)
  })

  test.each([1, 32, 4096])('tensors at alignment %i', (alignment) => {
    const metadata = new Map<string, GgufValue>([['general.alignment', { type: 'u32', value: alignment }]])
    const tensors = [f32Tensor('b', [2, 3], [1, 2, 3, 4, 5, 6]), f32Tensor('a', [1], [7]), f32Tensor('scalar', [], [8])]
    const source = bytesSource(collect((sink) => writeGguf({ metadata, tensors, sink })))
    const gguf = readGguf(source)
    expect([...gguf.tensors.keys()]).toEqual(['b', 'a', 'scalar'])
    expect(gguf.tensors.get('b')!.shape).toEqual([2, 3])
    expect(readTensorF32(source, gguf.tensors.get('b')!)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(readTensorF32(source, gguf.tensors.get('scalar')!)).toEqual(Float32Array.of(8))
    for (const { offset } of gguf.tensors.values()) expect(offset % alignment).toBe(0)
  })

  test.each(['tiny/llama_tied.gguf', 'tiny/qwen3.adapter.gguf'])('%s unchanged has equal bytes', (name) => {
    const source = goldenSource(name)
    expect(collect((sink) => writeGguf({ ...unchanged(source), sink }))).toEqual(goldenBytes(name))
  })
})

describe('refusals', () => {
  const write = (tensors: GgufTensorInput[], metadata = new Map<string, GgufValue>()) =>
    collect((sink) => writeGguf({ metadata, tensors, sink }))

  test.each<[string, GgufTensorInput[], string]>([
    ['too few bytes', [f32Tensor('w', [2], [1])], 'found 4 bytes for tensor "w"; expected 8'],
    ['name twice', [f32Tensor('w', [1], [1]), f32Tensor('w', [1], [1])], 'tensor "w": found the name twice'],
    ['long name', [f32Tensor('w'.repeat(65), [1], [1])], 'found a name of 65 bytes; expected at most 64'],
    ['row of half a block', [{ ...f32Tensor('w', [2, 16], []), type: 'Q8_0' }], 'found shape [2, 16]; expected'],
    ['size 0', [f32Tensor('w', [0], [])], 'found shape [0]'],
    ['five dimensions', [f32Tensor('w', [1, 1, 1, 1, 1], [1])], 'found shape [1, 1, 1, 1, 1]'],
  ])('%s', (_, tensors, message) => {
    expect(() => write(tensors)).toThrow(message)
  })

  test('alignment that is no power of two', () => {
    const metadata = new Map<string, GgufValue>([['general.alignment', { type: 'u32', value: 48 }]])
    expect(() => write([], metadata)).toThrow('found general.alignment 48; expected a u32 that is a power of two')
  })
})

describe('float32 copy', () => {
  test('quantised tensors get the reference values; order and other metadata stay', () => {
    const golden = goldenSource('dequant/dequant.safetensors')
    const file = readSafetensors(golden)
    const types = ['Q4_1', 'F16', 'Q8_0', 'Q6_K'] as const
    const tensors = types.map((type): GgufTensorInput => {
      const [rows, columns] = file.tensors.get(`${type}.real.f32`)!.shape as [number, number]
      const raw = readBytes({ source: golden, file, name: `${type}.real.raw` })
      return { name: `${type}.weight`, type, shape: [rows, columns], write: (sink) => sink(raw) }
    })
    const metadata = new Map<string, GgufValue>([
      ['general.file_type', { type: 'u32', value: 3 }],
      ['general.name', { type: 'string', value: 'mixed' }],
    ])
    const mixed = bytesSource(collect((sink) => writeGguf({ metadata, tensors, sink })))
    const copy = bytesSource(collect((sink) => writeF32Copy(mixed, sink)))
    const gguf = readGguf(copy)
    expect([...gguf.metadata]).toEqual([
      ['general.file_type', { type: 'u32', value: 0 }],
      ['general.name', { type: 'string', value: 'mixed' }],
    ])
    expect([...gguf.tensors.keys()]).toEqual(types.map((type) => `${type}.weight`))
    for (const type of types) {
      const tensor = gguf.tensors.get(`${type}.weight`)!
      expect(tensor.type).toBe('F32')
      expect(readTensorF32(copy, tensor)).toEqual(readFloats({ source: golden, file, name: `${type}.real.f32` }))
    }
  })

  test('of a file that is float32 already is that file', () => {
    const copy = collect((sink) => writeF32Copy(goldenSource('tiny/llama_tied.gguf'), sink))
    expect(copy).toEqual(goldenBytes('tiny/llama_tied.gguf'))
  })

  test('a tensor larger than one piece', () => {
    const count = (1 << 20) + 64
    const values = Float32Array.from({ length: count }, (_, i) => i - 1000)
    const big: GgufTensorInput = {
      name: 'big',
      type: 'F32',
      shape: [2, count / 2],
      write: (sink) => sink(new Uint8Array(values.buffer)),
    }
    const source = bytesSource(collect((sink) => writeGguf({ metadata: new Map(), tensors: [big], sink })))
    const copy = bytesSource(collect((sink) => writeF32Copy(source, sink)))
    const read = readTensorF32(copy, readGguf(copy).tensors.get('big')!)
    expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(values.buffer))).toBe(0)
  })

  test('a type that cannot be dequantised is refused before anything is written', () => {
    const raw = new Uint8Array(128)
    const tensor: GgufTensorInput = { name: 'w', type: 'I32', shape: [1, 32], write: (sink) => sink(raw) }
    const source = bytesSource(collect((sink) => writeGguf({ metadata: new Map(), tensors: [tensor], sink })))
    let written = 0
    expect(() => writeF32Copy(source, (chunk) => (written += chunk.length))).toThrow('found tensor type I32')
    expect(written).toBe(0)
  })
})

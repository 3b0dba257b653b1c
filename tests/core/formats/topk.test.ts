// Distributions as a file: what was written is read, a write that was cut off is no harm, damage is found.
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { encodeHeader, encodeRecord, readRows, readTopk, type TopkMeta } from '../../../src/core/formats/topk/index.ts'

const META: TopkMeta = {
  label: 'teacher Ω', teacher: { name: 't.gguf', sha256: 'ab' }, context: 'student',
  student: { vocabulary: 11, fingerprint: 'f' }, overlap: 0.5,
}
const SHARED = Uint8Array.from([1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1])
const KEY = '0f'.repeat(32)
const rows = (tokens: number[]) => ({
  tokens: Uint32Array.from(tokens),
  ids: Int32Array.from(tokens.flatMap((token) => [token, -1, -2])),
  logProbs: Float32Array.from(tokens.flatMap((token) => [-0.5, -token / 7, 0])),
})
const record = (tokens: number[]) => encodeRecord({ key: KEY, mass: tokens.length * 0.75, rows: rows(tokens), crc32 })
const header = encodeHeader({ k: 3, meta: JSON.stringify(META), shared: SHARED })
const file = (...parts: Uint8Array[]) => {
  const bytes = Buffer.concat(parts)
  return { name: 'd.topk', size: bytes.length, read: (offset: number, length: number) => new Uint8Array(bytes.subarray(offset, offset + length)) }
}

test('records come back as they were written', () => {
  const source = file(header, record([3, 4]), record([9]))
  const { k, meta, shared, records, end } = readTopk(source)
  expect([k, meta, shared, end]).toEqual([3, META, SHARED, source.size])
  expect(records.map(({ key, count, mass }) => [key, count, mass])).toEqual([[KEY, 2, 1.5], [KEY, 1, 0.75]])
  expect(records.map((one) => readRows(source, { record: one, k, crc32 }))).toEqual([rows([3, 4]), rows([9])])
})

test('of a write that was cut off at any byte the whole records remain', () => {
  const whole = [header, record([3, 4]), record([9])] as const
  const before = whole[0].length + whole[1].length
  for (let cut = 0; cut < whole[2].length; cut++) {
    const found = readTopk(file(whole[0], whole[1], whole[2].subarray(0, cut)))
    expect([cut, found.records.length, found.end]).toEqual([cut, 1, before])
  }
})

describe('refused:', () => {
  test.each([
    ['no file of distributions', Buffer.from('GGUF and something more than that')],
    ['an empty file', Buffer.alloc(0)],
    ['another version', Buffer.concat([header.subarray(0, 4), Buffer.from([9, 0, 0, 0]), header.subarray(8)])],
    ['a header that was cut', header.subarray(0, 40)],
    ['a description that is none', encodeHeader({ k: 3, meta: '{"label":1}', shared: null })],
    ['absurd sizes', Buffer.concat([header.subarray(0, 8), Buffer.from([0xff, 0xff, 0xff, 0x7f]), header.subarray(12)])],
  ])('%s', (_, bytes) => expect(() => readTopk(file(new Uint8Array(bytes)))).toThrow(/d\.topk: at byte 0: found .+; expected /))

  test('rows that are not what was written', () => {
    const damaged = record([3, 4])
    damaged[damaged.length - 1]! ^= 1
    const source = file(header, damaged)
    const [one] = readTopk(source).records
    expect(() => readRows(source, { record: one!, k: 3, crc32 })).toThrow(/checksum/)
  })
})

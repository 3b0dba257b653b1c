// UTF-8 in the pure core, against the platform's own decoder.
import { expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../../src/core/formats/utf8.ts'
import { random } from '../../support/random.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

test('every code point encodes as TextEncoder does, and decodes back', () => {
  let all = ''
  for (let point = 0; point < 0x110000; point += point < 0x3000 ? 1 : 37) {
    if (point < 0xd800 || point > 0xdfff) all += String.fromCodePoint(point)
  }
  for (const edge of [0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
    all += String.fromCodePoint(edge)
  }
  const bytes = encodeUtf8(all)
  expect(Buffer.compare(bytes, new TextEncoder().encode(all))).toBe(0)
  expect(decodeUtf8(bytes) === all).toBe(true)
})

test('random bytes: valid ones decode as TextDecoder does, all come back', () => {
  const next = random(3)
  const sequences = [0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x80, 0x9f, 0xa0, 0xbf, 0x41]
  let valid = 0
  for (let round = 0; round < 20_000; round++) {
    const pick = () => (next() < 0.8 ? sequences[Math.floor(next() * sequences.length)]! : Math.floor(next() * 256))
    const bytes = Uint8Array.from({ length: 1 + Math.floor(next() * 5) }, pick)
    const decoded = decodeUtf8(bytes)
    expect(encodeUtf8(decoded), `bytes ${[...bytes].join(' ')}`).toEqual(bytes)
    let reference: string | undefined
    try {
      reference = strict.decode(bytes)
    } catch {
      expect(decoded, `bytes ${[...bytes].join(' ')}`).toMatch(/[\udc80-\udcff]/u)
      continue
    }
    expect(decoded).toBe(reference)
    valid++
  }
  expect(valid).toBeGreaterThan(1000)
})

test('a range of the bytes; surrogates that stand for no byte', () => {
  expect(decodeUtf8(new TextEncoder().encode('abcdef'), 2, 4)).toBe('cd')
  expect(encodeUtf8('\ud800')).toEqual(new TextEncoder().encode('\ufffd'))
  expect(encodeUtf8('\udcff')).toEqual(Uint8Array.of(0xff))
})

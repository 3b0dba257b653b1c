// Files of the engine: byte sources, atomic writes, sha256.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readGguf, writeGguf } from '../../../src/core/formats/gguf/index.ts'
import { openByteSource, openLineSource, sha256, sha256File, systemError, writeFileAtomic, writeJsonLines } from '../../../src/engine/files/index.ts'
import { SMOLLM2, haveShared, sharedPath } from '../../support/shared.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retort-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (name: string): string => join(folder, name)

describe('byte source', () => {
  test('exact ranges', () => {
    writeFileSync(file('a.bin'), Uint8Array.of(0, 1, 2, 3, 4))
    const source = openByteSource(file('a.bin'))
    expect(source).toMatchObject({ name: 'a.bin', size: 5 })
    expect(source.read(1, 3)).toEqual(Uint8Array.of(1, 2, 3))
    expect(source.read(5, 0)).toEqual(new Uint8Array(0))
    for (const [offset, length] of [
      [3, 3],
      [-1, 2],
      [0, -1],
    ] as const) {
      expect(() => source.read(offset, length)).toThrow(RangeError)
    }
    source.close()
    source.close()
    expect(() => source.read(0, 1)).toThrow()
  })

  test('a file that becomes shorter, a folder, a missing file', () => {
    writeFileSync(file('a.bin'), new Uint8Array(10))
    const source = openByteSource(file('a.bin'))
    truncateSync(file('a.bin'), 4)
    expect(() => source.read(0, 10)).toThrow('found the end of the file at byte 4; expected 10 bytes')
    source.close()
    expect(() => openByteSource(folder)).toThrow('expected a file')
    expect(() => openByteSource(file('absent'))).toThrow('ENOENT')
  })
})

describe('atomic write', () => {
  test('text, bytes, sink; nothing else is left in the folder', () => {
    writeFileAtomic(file('text'), 'a\u00e9\u{1f600}')
    writeFileAtomic(file('bytes'), Uint8Array.of(1, 2))
    writeFileAtomic(file('bytes'), (sink) => {
      const buffer = new Uint8Array(1)
      for (buffer[0] = 3; buffer[0] < 6; buffer[0]++) sink(buffer)
    })
    expect(readFileSync(file('text'), 'utf8')).toBe('a\u00e9\u{1f600}')
    expect([...readFileSync(file('bytes'))]).toEqual([3, 4, 5])
    expect(readdirSync(folder).toSorted()).toEqual(['bytes', 'text'])
  })

  test('an error half way leaves the old file and no leftovers', () => {
    writeFileAtomic(file('a'), 'old')
    const write = () =>
      writeFileAtomic(file('a'), (sink) => {
        sink(Uint8Array.of(1))
        throw new Error('no more')
      })
    expect(write).toThrow('no more')
    expect(readFileSync(file('a'), 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('a rename that fails leaves no leftovers', () => {
    mkdirSync(file('taken'))
    expect(() => writeFileAtomic(file('taken'), 'x')).toThrow()
    expect(readdirSync(folder)).toEqual(['taken'])
    // The file that was meant, not the temporary one.
    expect(() => writeFileAtomic(file('absent/x'), 'x')).toThrow(expect.objectContaining({ code: 'file-missing', where: file('absent/x') }))
  })
})

test('lines of JSON: many pieces, the hash and count of what lies there', async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({ i, text: 'ä\n'.repeat(300) }))
  const written = writeJsonLines(file('rows.jsonl'), rows)
  expect(written).toEqual({ sha256: await sha256File(file('rows.jsonl')), lines: 3000 })
  const read = [...openLineSource(file('rows.jsonl')).lines()].map((line) => JSON.parse('text' in line ? line.text : '') as unknown)
  expect(read).toEqual(rows)
  expect(writeJsonLines(file('none.jsonl'), [])).toEqual({ sha256: sha256(''), lines: 0 })
})

test.each([
  ['file-missing', () => readFileSync(file('absent'))],
  ['not-a-file', () => readFileSync(folder)],
  ['not-a-folder', () => readFileSync(join(file('plain'), 'inside'))],
  ['file-exists', () => mkdirSync(folder)],
])('the word of the system: %s, with the path', (code, act) => {
  writeFileSync(file('plain'), '')
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  expect(systemError(error)).toMatchObject({ code, cause: error })
  expect(systemError(error, 'meant')).toMatchObject({ code, where: 'meant' })
})

test('an error of ours is not the word of the system', () => {
  expect(systemError(new Error('ENOENT'))).toBeNull()
  expect(systemError(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeNull()
})

test('sha256 of text, bytes, file (FIPS 180-2 examples)', async () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(sha256('abc')).toBe(abc)
  expect(sha256(new TextEncoder().encode('abc'))).toBe(abc)
  writeFileSync(file('million'), 'a'.repeat(1_000_000))
  expect(await sha256File(file('million'))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  await expect(sha256File(file('absent'))).rejects.toThrow('ENOENT')
})

test.skipIf(!haveShared(SMOLLM2))('SmolLM2 read and written unchanged is the same file', () => {
  const source = openByteSource(sharedPath(SMOLLM2))
  const { metadata, tensors } = readGguf(source)
  expect(tensors.size).toBe(272)
  expect(metadata.get('llama.block_count')).toEqual({ type: 'u32', value: 30 })
  const inputs = Array.from(tensors.values(), (tensor) => ({
    ...tensor,
    write: (sink: (chunk: Uint8Array) => void) => sink(source.read(tensor.offset, tensor.byteLength)),
  }))
  let at = 0
  const sink = (chunk: Uint8Array): void => {
    expect(Buffer.compare(chunk, source.read(at, chunk.length)), `bytes from ${at}`).toBe(0)
    at += chunk.length
  }
  writeGguf({ metadata, tensors: inputs, sink })
  expect(at).toBe(source.size)
  source.close()
})

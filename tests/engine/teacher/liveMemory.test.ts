// Memory of a live teacher: any architecture that llama.cpp opens counts, with what it stores a layer; a folder is no teacher.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isModelFile, liveTeacherBytes } from '../../../src/engine/teacher/index.ts'
import { readGguf, type GgufValue } from '../../../src/core/formats/gguf/index.ts'
import { goldenSource } from '../../support/bytes.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant, text, u32 } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'

const GOLDEN = 'tiny/llama_tied.gguf'
const CONTEXT = 256

/** The golden under the name of another architecture, with other entries. */
function renamed(architecture: string, changes: Readonly<Record<string, GgufValue | null>> = {}): string {
  const own = [...readGguf(goldenSource(GOLDEN)).metadata].filter(([key]) => key.startsWith('llama.'))
  const moved = own.flatMap(([key, value]): [string, GgufValue | null][] => [[key, null], [key.replace('llama.', `${architecture}.`), value]])
  const changed = Object.entries(changes).map(([key, value]) => [`${architecture}.${key}`, value])
  const path = join(temporaryFolder(), 'teacher.gguf')
  writeFileSync(path, ggufVariant(GOLDEN, { metadata: { 'general.architecture': text(architecture), ...Object.fromEntries([...moved, ...changed]) } }))
  return path
}

test('a model that cannot be trained here needs what it would under another name', () => {
  const own = liveTeacherBytes(goldenPath(GOLDEN), CONTEXT)
  // The files differ by the lengths of names, and by padding.
  expect(Math.abs(liveTeacherBytes(renamed('granite'), CONTEXT) - own)).toBeLessThan(4096)
})

test('heads that differ by layer are added up; what is not written down is no reason to refuse', () => {
  const layers: GgufValue = { type: 'array', of: 'u32', value: new Uint32Array([1, 0]) }
  const none = { 'attention.head_count': null, 'attention.head_count_kv': null, 'attention.key_length': null, 'attention.value_length': null }
  const bytes = (changes: Readonly<Record<string, GgufValue | null>>): number => liveTeacherBytes(renamed('made', { 'attention.key_length': u32(64), 'attention.value_length': u32(32), ...changes }), CONTEXT)
  const tokens = 256
  const nothing = bytes(none)
  expect(nothing).toBeGreaterThan(100e6)
  expect(Math.abs(bytes({ 'attention.head_count_kv': layers }) - nothing - (64 + 32) * tokens * 4)).toBeLessThan(4096)
})

test('a folder is refused in words', () => {
  expect(() => isModelFile(temporaryFolder())).toThrow(expect.objectContaining({ code: 'bad-settings', found: 'a folder' }))
})

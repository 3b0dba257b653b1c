// Folders: made with their parents; a system that refuses is told of, not asked for ever.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ensureFolder } from '../../../src/engine/files/index.ts'

const base = mkdtempSync(join(tmpdir(), 'retort-folders-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

test('makes what is missing, and is content with what is there', () => {
  const deep = join(base, 'a', 'b', 'c')
  ensureFolder(deep)
  ensureFolder(deep)
  expect(existsSync(deep)).toBe(true)
})

test('a file in the way is an error', () => {
  writeFileSync(join(base, 'file'), '')
  expect(() => ensureFolder(join(base, 'file'))).toThrow(/EEXIST/)
  expect(() => ensureFolder(join(base, 'file', 'below'))).toThrow(/EEXIST|ENOTDIR/)
})

test.runIf(process.platform === 'linux')('/proc, where Node’s own recursive mkdir never returns', () => {
  expect(() => ensureFolder('/proc/retort/project')).toThrow(/ENOENT/)
})

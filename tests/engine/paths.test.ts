// Where things lie: the app's folders on each platform, and which student is taken.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { appFolders, findStudent, starterStudent, studentFolders } from '../../src/engine/paths.ts'

const root = mkdtempSync(join(tmpdir(), 'retort-paths-'))
afterAll(() => rmSync(root, { recursive: true }))

test.each([
  ['linux', {}, '/u/.local/share/retort', '/u/.cache/retort'],
  ['linux', { XDG_DATA_HOME: '/x', XDG_CACHE_HOME: '/c' }, '/x/retort', '/c/retort'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/u/.local/share/retort', '/u/.cache/retort'],
  ['darwin', {}, '/u/Library/Application Support/Retort', '/u/Library/Caches/Retort'],
  ['win32', { LOCALAPPDATA: '/l' }, '/l/Retort', '/l/Retort/cache'],
  ['win32', {}, '/u/AppData/Local/Retort', '/u/AppData/Local/Retort/cache'],
  ['linux', { RETORT_HOME: '/own', XDG_DATA_HOME: '/x' }, '/own', '/own/cache'],
] as const)('%s %j', (platform, env, data, cache) => {
  expect(appFolders({ platform, env, home: '/u' })).toEqual({ data, cache, models: `${data}/models` })
})

test('the student: named, else the first by name of the first folder that has one, else an error that says where it looked', () => {
  const [empty, models] = [join(root, 'empty'), join(root, 'models')]
  mkdirSync(empty)
  mkdirSync(models)
  for (const name of ['b.gguf', 'a.gguf', 'README.md']) writeFileSync(join(models, name), '')
  const folders = [join(root, 'absent'), empty, models]
  expect(findStudent({ given: undefined, cwd: root, folders })).toEqual({ path: join(models, 'a.gguf'), others: [join(models, 'b.gguf')] })
  expect(findStudent({ given: 'models/b.gguf', cwd: root, folders: [] })).toEqual({ path: join(models, 'b.gguf'), others: [] })
  expect(() => findStudent({ given: 'c.gguf', cwd: models, folders })).toThrow(expect.objectContaining({ where: join(models, 'c.gguf') }))
  expect(() => findStudent({ given: undefined, cwd: root, folders: [empty] })).toThrow(
    expect.objectContaining({ code: 'student-missing', expected: expect.stringContaining(empty) }),
  )
})

test('the starter comes last: it is taken where there is no other student', () => {
  const folders = studentFolders({ platform: 'linux', env: { RETORT_HOME: join(root, 'home') }, home: root })
  expect(folders.slice(-2)).toEqual([join(root, 'home', 'models'), dirname(starterStudent)])
  expect(findStudent({ given: undefined, cwd: root, folders: folders.slice(-2) })).toEqual({ path: starterStudent, others: [] })
})

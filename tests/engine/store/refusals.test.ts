// What SQLite refuses: said in words, with what was there before still there.
import { chmodSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { countTrajectories, insertTrajectory, openStore, sqliteError } from '../../../src/engine/store/index.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { chatColumns } from './records.ts'

const newStore = () => {
  const store = openStore(join(temporaryFolder(), 'project.sqlite'))
  onTestFinished(store.dispose)
  return store
}

function refusal(work: () => unknown): RetortError {
  try {
    work()
  } catch (error) {
    if (error instanceof RetortError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('P30: a full disk: the change is not kept, what was there stays, and the project goes on', () => {
  const store = newStore()
  insertTrajectory(store, chatColumns('Q', 'x'))
  // SQLite answers a database that may not grow as it does a disk without room.
  const pages = Number(store.statement('PRAGMA page_count').get()!['page_count'])
  store.statement(`PRAGMA max_page_count = ${pages}`).get()
  const error = refusal(() => store.transaction(() => {
    for (let n = 0; n < 1000; n += 1) insertTrajectory(store, chatColumns(`Q ${n} ${'word '.repeat(1000)}`, 'x'))
  }))
  expect([error.code, error.where, error.advice]).toEqual(['disk-full', store.path, expect.stringContaining('make room')])
  expect(countTrajectories(store)).toBe(1)
  store.statement('PRAGMA max_page_count = 4294967294').get()
  expect(insertTrajectory(store, chatColumns('Q2', 'x'))).toBe('kept')
})

test('P30: another process writes: an attempt says so at once, and gets through afterwards', () => {
  const store = newStore()
  const other = new DatabaseSync(store.path)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const started = performance.now()
  const error = refusal(() => store.attempt(() => insertTrajectory(store, chatColumns('Q', 'x'))))
  expect(performance.now() - started).toBeLessThan(5000)
  expect([error.code, error.where]).toEqual(['project-busy', store.path])
  expect(countTrajectories(store)).toBe(0)
  other.exec('ROLLBACK')
  expect(store.attempt(() => insertTrajectory(store, chatColumns('Q', 'x')))).toBe('kept')
  expect(Object.values(store.statement('PRAGMA busy_timeout').get()!)).toEqual([10_000])
})

test.skipIf(process.getuid?.() === 0)('P30: a project that may not be written to', () => {
  const store = newStore()
  insertTrajectory(store, chatColumns('Q', 'x'))
  store.dispose()
  const folder = dirname(store.path)
  chmodSync(store.path, 0o444)
  chmodSync(folder, 0o555)
  onTestFinished(() => chmodSync(folder, 0o755))
  const error = refusal(() => {
    const opened = openStore(store.path)
    onTestFinished(opened.dispose)
    opened.transaction(() => insertTrajectory(opened, chatColumns('Q2', 'x')))
  })
  expect(['read-only', 'no-access']).toContain(error.code)
})

test('P30: a damaged page is found damaged, not taken for a mistake of the program', () => {
  const store = newStore()
  store.dispose()
  writeFileSync(store.path, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8192, 0xff)]))
  expect(refusal(() => openStore(store.path)).code).toBe('project-damaged')
})

test.each([
  [13, 'disk-full'], [8, 'read-only'], [8 | (3 << 8), 'read-only'], [5, 'project-busy'], [10 | (4 << 8), 'disk-failed'], [14, 'no-access'],
  [11, 'project-damaged'], [26, 'project-damaged'],
])('P30: result code %i is %s, extended ones too', (errcode, code) => {
  const error = sqliteError(Object.assign(new Error('said SQLite'), { errcode }), '/p')
  expect([error?.code, error?.found, error?.where]).toEqual([code, 'said SQLite', '/p'])
})

test('P30: a constraint, and an error of another kind, stay what they are', () => {
  expect(sqliteError(Object.assign(new Error('x'), { errcode: 19 }))).toBeNull()
  expect(sqliteError(new Error('x'))).toBeNull()
  const store = newStore()
  expect(() => store.transaction(() => store.statement('INSERT INTO task VALUES (NULL, NULL)').run())).toThrow('NOT NULL')
})

// Every migration from the version before, with data in it; and databases that are refused.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { APPLICATION_ID, migrate } from '../../../src/engine/store/migrate.ts'
import { migrations } from '../../../src/engine/store/migrations/index.ts'
import { findTrajectory, openStore, searchTrajectories } from '../../../src/engine/store/index.ts'
import type { RetortError } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { chatColumns } from './records.ts'

const databasePath = (): string => join(temporaryFolder(), 'project.sqlite')
const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as RetortError).code
  }
  throw new Error('nothing was refused')
}
const pragma =
  (database: DatabaseSync, name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]

/** A database at the version before `version`. */
function databaseBefore(path: string, version: number): DatabaseSync {
  const database = new DatabaseSync(path)
  migrate(database, path, migrations.filter((row) => row.version < version))
  return database
}

test('versions count from 1 without a gap', () => {
  expect(migrations.map((row) => row.version)).toEqual(migrations.map((_, index) => index + 1))
})

test('1: from nothing', () => {
  const database = databaseBefore(databasePath(), 2)
  expect([pragma(database, 'user_version'), pragma(database, 'application_id')]).toEqual([1, APPLICATION_ID])
  const tables =
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all()
  expect(tables.map((row) => row['name'])).toEqual([
    'adapter', 'correction', 'dataset_revision', 'import_report', 'run', 'span', 'task', 'trajectory',
  ])
  database.close()
})

test('2: search covers the trajectories that were there', () => {
  const path = databasePath()
  const database = databaseBefore(path, 2)
  const row = chatColumns('Which caf\u00e9?', 'the blue one')
  database.prepare('INSERT INTO task VALUES (?, ?)').run(row.task_id, row.question)
  database
    .prepare('INSERT INTO trajectory VALUES (7, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(row.id, row.content_hash, row.task_id, row.format, row.file, row.record_index, row.turns, row.outcome, row.record)
  database.close()
  const store = openStore(path)
  expect(searchTrajectories(store, 'cafe').map((hit) => [hit.trajectoryId, hit.turn])).toEqual([[row.id, 0]])
  expect(searchTrajectories(store, 'blue').map((hit) => [hit.trajectoryId, hit.turn])).toEqual([[row.id, 1]])
  expect(findTrajectory(store, String(row.id))!.task.question).toBe('Which caf\u00e9?')
  store.dispose()
})

test('a migration that fails leaves the version before, whole', () => {
  const path = databasePath()
  const database = databaseBefore(path, 2)
  const broken = {
    version: 2,
    name: 'broken',
    up: (inner: DatabaseSync): void => {
      inner.exec('CREATE TABLE half (x)')
      throw new Error('power cut')
    },
  }
  expect(() => migrate(database, path, [migrations[0]!, broken])).toThrow('power cut')
  expect(pragma(database, 'user_version')).toBe(1)
  expect(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'half'").get()).toEqual({ n: 0 })
  database.close()
  openStore(path).dispose()
})

test('opening again changes nothing', () => {
  const path = databasePath()
  openStore(path).dispose()
  const database = new DatabaseSync(path)
  const before = pragma(database, 'schema_version')
  openStore(path).dispose()
  expect(pragma(database, 'schema_version')).toBe(before)
  expect(pragma(database, 'journal_mode')).toBe('wal')
  database.close()
})

test('a database of a newer version is refused and stays as it is', () => {
  const path = databasePath()
  openStore(path).dispose()
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
  expect(() => openStore(path)).toThrow('the project was written by a newer version of Retort')
  expect(codeOf(() => openStore(path))).toBe('project-newer')
  const after = new DatabaseSync(path)
  expect(pragma(after, 'user_version')).toBe(99)
  after.close()
})

test('a database of another program, and a file that is none, are refused', () => {
  const foreign = databasePath()
  const database = new DatabaseSync(foreign)
  database.exec('CREATE TABLE theirs (x)')
  database.close()
  expect(codeOf(() => openStore(foreign))).toBe('project-foreign')
  const text = databasePath()
  writeFileSync(text, 'these are not the bytes of a database, and there are enough of them'.repeat(50))
  expect(codeOf(() => openStore(text))).toBe('project-damaged')
})

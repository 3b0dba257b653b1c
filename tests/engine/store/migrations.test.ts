// Every migration from the version before, with data in it; and databases that are refused.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { APPLICATION_ID, migrate } from '../../../src/engine/store/migrate.ts'
import { migrations } from '../../../src/engine/store/migrations/index.ts'
import {
  countEntries, findCorrections, findDatasetRevision, findLine, findSpans, findTrajectory, insertTrajectory, listAdapters, listEntries,
  listImportReports, listRuns, nextRedo, openStore, searchTrajectories, seqOf, trajectoryIds,
} from '../../../src/engine/store/index.ts'
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

/** A database as the given version left it, from its text under tests/fixtures/store. */
function databaseOf(version: number, path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  if (version > 0) {
    database.exec(readFileSync(resolve(import.meta.dirname, `../../fixtures/store/v${version}.sql`), 'utf8'))
  }
  return database
}

/** Migrates by one version only. */
function migrateOnce(database: DatabaseSync, path: string, version: number): void {
  migrate(database, path, migrations.slice(0, version))
  expect([pragma(database, 'user_version'), pragma(database, 'application_id')]).toEqual([version, APPLICATION_ID])
}

/** Tables, indices, triggers and their columns, without regard to how their SQL is set. */
function layout(database: DatabaseSync): unknown[] {
  const named = database.prepare("SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all()
  return named.map(({ type, name, tbl_name: table }) => {
    const columns = database.prepare(`SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?)`).all(name as string)
    const foreign = database.prepare(`SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?)`).all(name as string)
    return [type, name, table, columns.map((row) => ({ ...row })), foreign.map((row) => ({ ...row }))]
  })
}

const versions = migrations.map((row) => row.version)

test('P17: versions count from 1 without a gap', () => {
  expect(versions).toEqual(versions.map((_, index) => index + 1))
})

test.each(versions)('P17: version %i from the one before has the layout that was written down for it', (version) => {
  const path = databasePath()
  const [migrated, written] = [databaseOf(version - 1, path), databaseOf(version, databasePath())]
  migrateOnce(migrated, path, version)
  expect(layout(migrated)).toEqual(layout(written))
  expect(layout(written).length).toBeGreaterThan(10)
  migrated.close()
  written.close()
})

const [FIRST, SECOND] = ['2f616e10bc3a9b24', '00000000000000b2']

test.each(versions)('P18: a database of version %i opens with every record it held', (version) => {
  const path = databasePath()
  databaseOf(version, path).close()
  const store = openStore(path)
  onTestFinished(store.dispose)
  expect(trajectoryIds(store)).toEqual([SECOND, FIRST])
  expect([FIRST, SECOND].map((id) => findLine(store, seqOf(store, id)))).toMatchObject([
    {
      seq: 7, file: 'chats.jsonl', record_index: 0, turns: 2, question: 'Which caf\u00e9?', outcome: null, reason: 1, act: 1, final: 1,
      steps: 1, characters: 51, difficulty: 20, place: 469732, corrections: 2, review: 'new', tags: '[]',
    },
    {
      seq: 9, file: "it's.jsonl", record_index: 4, turns: 3, reason: 0, act: 0, final: 1, steps: 1, characters: 22, difficulty: 0,
      outcome: '{"success":true,"reward":null,"detail":"submitted"}', corrections: 0,
    },
  ])
  expect([findTrajectory(store, FIRST)!, findTrajectory(store, SECOND)!].map(({ trajectory }) => trajectory.turns.at(-1)!.text)).toEqual(
    ['Thought: hm\nAction: finish[the blue one]', ''],
  )
  expect(findSpans(store, FIRST)).toEqual([
    [{ start: 0, end: 11, kind: 'context', rule: 'context' }],
    [
      { start: 0, end: 12, kind: 'reason', rule: 'thought marker' },
      { start: 12, end: 20, kind: 'act', rule: 'action marker' },
      { start: 20, end: 40, kind: 'final', rule: 'action marker', call: { name: { start: 20, end: 26 }, argument: { start: 27, end: 39 } } },
    ],
  ])
  expect(findSpans(store, SECOND)!.map((spans) => spans.map((span) => span.kind))).toEqual([['context'], ['final'], []])
  expect(findCorrections(store, FIRST).map(({ id, change, author }) => [id, change, author])).toEqual([
    [1, { type: 'label', turn: 1, label: 'good' }, 'Ada'],
    [3, { type: 'label', turn: 1, label: null }, 'Bo'],
  ])
  const [run] = listRuns(store)
  expect(run).toMatchObject({ id: 'run-1', state: 'finished', result: { steps: 3 }, settings: { recipe: 'sad', rank: 16 } })
  expect(findDatasetRevision(store, run!.datasetRevision)!.members).toMatchObject([{ trajectoryId: FIRST, split: 'train' }])
  expect(listAdapters(store)).toMatchObject([{ id: 'adapter-1', runId: 'run-1', step: 3 }])
  expect(listImportReports(store)).toMatchObject([{ at: '2025-01-01T00:00:00.000Z', report: { kept: 2, rejectedCount: 1, rejected: [{ index: 3 }] } }])
  const hits = (text: string): unknown => searchTrajectories(store, text, { ranked: false }).seqs
  expect([hits('cafe'), hits('blue'), hits('red')]).toEqual([[7, 9], [7], [9]])
  // And it goes on from there: new records fit in, old rules hold.
  expect(insertTrajectory(store, chatColumns('Which caf\u00e9?', 'the blue one'))).toBe('duplicate')
  expect(insertTrajectory(store, chatColumns('Another?', 'x'))).toBe('kept')
  expect(() => store.statement('DELETE FROM correction').run()).toThrow('append-only')
  expect(() => store.statement("UPDATE trajectory SET file = 'y'").run()).toThrow('immutable')
})

test.each([1, 2])('P31: corrections of version %i, from before there was a journal, become entries that can be undone', (version) => {
  const path = databasePath()
  databaseOf(version, path).close()
  const store = openStore(path)
  onTestFinished(store.dispose)
  expect(listEntries(store, { offset: 0, limit: 9 })).toEqual([
    { id: 3, title: 'Label of turn 1', reason: 'not so sure', author: 'Bo', at: '2025-01-01T00:01:00Z', trajectories: 1, changes: 1, in_force: true },
    { id: 1, title: 'Label of turn 1', reason: 'right', author: 'Ada', at: '2025-01-01T00:00:00Z', trajectories: 1, changes: 1, in_force: true },
  ])
})

test.each([3, 4])('P24: undone entries of a database of version %i stay undone', (version) => {
  const path = databasePath()
  databaseOf(version, path).close()
  const store = openStore(path)
  onTestFinished(store.dispose)
  expect([countEntries(store), nextRedo(store), findCorrections(store, SECOND)]).toEqual([3, null, []])
  expect(listEntries(store, { offset: 0, limit: 9 }).map(({ id, in_force }) => [id, in_force])).toEqual([[5, true], [2, false], [1, true]])
})

test('P17: a migration that fails leaves the version before, whole', () => {
  const path = databasePath()
  const database = databaseOf(1, path)
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

test('P19: opening again changes nothing', () => {
  const path = databasePath()
  openStore(path).dispose()
  const database = new DatabaseSync(path)
  const before = pragma(database, 'schema_version')
  openStore(path).dispose()
  expect(pragma(database, 'schema_version')).toBe(before)
  expect(pragma(database, 'journal_mode')).toBe('wal')
  database.close()
})

test('P20: a database of a newer version is refused and stays as it is', () => {
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

test('P20: a database of another program, and a file that is none, are refused', () => {
  const foreign = databasePath()
  const database = new DatabaseSync(foreign)
  database.exec('CREATE TABLE theirs (x)')
  database.close()
  expect(codeOf(() => openStore(foreign))).toBe('project-foreign')
  const text = databasePath()
  writeFileSync(text, 'these are not the bytes of a database, and there are enough of them'.repeat(50))
  expect(codeOf(() => openStore(text))).toBe('project-damaged')
})

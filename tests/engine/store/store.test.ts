// The store: what it keeps, what it refuses to change, and what search finds.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../../src/engine/store/index.ts'
import {
  countTrajectories, findAdapter, findCorrections, findDatasetRevision, findRun, findSpans, findTrajectory,
  insertCorrection, insertDatasetRevision, insertRun, insertTrajectory, listAdapters, listRuns, openStaging, openStore,
  putAdapter, reindexTurn, searchTrajectories, summariseTrajectories, trajectoryIds, updateRun,
} from '../../../src/engine/store/index.ts'
import { trajectorySchema } from '../../../src/shared/records/trajectory.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { chatColumns, run } from './records.ts'

function openTemporary(): Store {
  const store = openStore(join(temporaryFolder(), 'project.sqlite'))
  onTestFinished(store.dispose)
  return store
}

describe('trajectories', () => {
  test('P1: come back as they went in, with task, spans and summary', () => {
    const store = openTemporary()
    const row = chatColumns('Odd text \ud83d\ude00 \u0000 \ud800?', 'x')
    expect(insertTrajectory(store, row)).toBe('kept')
    const { trajectory, task } = findTrajectory(store, String(row.id))!
    expect(trajectory).toEqual(trajectorySchema.parse(JSON.parse(String(row.record))))
    expect(trajectory.turns[0]!.text).toBe('Odd text \ud83d\ude00 \u0000 \ud800?')
    expect(task.id).toBe(trajectory.taskId)
    expect(findSpans(store, trajectory.id)!.map((spans) => spans.map((span) => span.kind))).toEqual(
      [['context'], ['reason', 'act', 'final']],
    )
    expect(summariseTrajectories(store)).toMatchObject([
      { id: trajectory.id, format: 'openai-chat', turns: 2, reason: 1, act: 1, final: 1, observe: 0, guessed: 0, outcome: null },
    ])
    expect(findTrajectory(store, '0000000000000000')).toBeNull()
  })
  test('P5: equal content is a duplicate; the first stays', () => {
    const store = openTemporary()
    expect(insertTrajectory(store, chatColumns('Q', 'x'))).toBe('kept')
    expect(insertTrajectory(store, { ...chatColumns('Q', 'x'), file: 'other' })).toBe('duplicate')
    expect(insertTrajectory(store, chatColumns('Q', 'y'))).toBe('kept')
    expect([countTrajectories(store), trajectoryIds(store).length]).toEqual([2, 2])
    expect(summariseTrajectories(store).map((summary) => summary.file)).toEqual(['test.jsonl', 'test.jsonl'])
    expect(summariseTrajectories(store, { limit: 1, offset: 1 }).map((summary) => summary.question)).toEqual(['Q'])
  })
  test('P2: cannot be changed', () => {
    const store = openTemporary()
    insertTrajectory(store, chatColumns('Q', 'x'))
    expect(() => store.statement("UPDATE trajectory SET file = 'y'").run()).toThrow('a trajectory is immutable')
  })
  test('P3: a record that was tampered with is noticed when it is read', () => {
    const store = openTemporary()
    insertTrajectory(store, { ...chatColumns('Q', 'x'), record: '{"id": 5}' })
    expect(() => findTrajectory(store, trajectoryIds(store)[0]!)).toThrow('Invalid input')
  })
})

describe('transactions', () => {
  test('P10: all or nothing, also when one is inside another', () => {
    const store = openTemporary()
    expect(() =>
      store.transaction(() => {
        store.transaction(() => insertTrajectory(store, chatColumns('Q', 'x')))
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(countTrajectories(store)).toBe(0)
    expect(searchTrajectories(store, 'hm')).toEqual([])
    expect(store.transaction(() => insertTrajectory(store, chatColumns('Q', 'x')))).toBe('kept')
  })
  test('P11: staged rows come back in order', () => {
    const staging = openStaging()
    const rows = ['x', 'y', 'z'].map((answer) => chatColumns('Q', answer))
    rows.forEach(staging.add)
    expect([...staging.rows()].map((row) => ({ ...row }))).toEqual(rows)
    staging.dispose()
  })
})

describe('snapshots', () => {
  test('P13: one moment, whatever another connection writes; writing is refused, and possible again afterwards', () => {
    const store = openTemporary()
    const other = openStore(store.path)
    onTestFinished(other.dispose)
    store.snapshot(() => {
      expect(countTrajectories(store)).toBe(0)
      insertTrajectory(other, chatColumns('Q', 'x'))
      expect([countTrajectories(store), countTrajectories(other)]).toEqual([0, 1])
      expect(() => insertTrajectory(store, chatColumns('Q', 'y'))).toThrow('readonly')
    })
    expect(countTrajectories(store)).toBe(1)
    expect(() => store.snapshot(() => { throw new Error('no') })).toThrow('no')
    expect(insertTrajectory(store, chatColumns('Q', 'y'))).toBe('kept')
    expect(store.transaction(() => store.snapshot(() => insertTrajectory(store, chatColumns('Q', 'z'))))).toBe('kept')
  })
})

describe('durability', () => {
  test('P12: a write-ahead log, synchronised in full at every commit', () => {
    const store = openTemporary()
    const pragma = (name: string): unknown => Object.values(store.statement(`PRAGMA ${name}`).get()!)[0]
    // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2])
  })
})

describe('search', () => {
  const hits = (store: Store, text: string): number => searchTrajectories(store, text).length
  test('P14: no character of the text is syntax', () => {
    const store = openTemporary()
    insertTrajectory(store, chatColumns('Is "C++" AND-gate near(NOT) caf\u00e9 a*b {brace}?', 'x'))
    insertTrajectory(store, chatColumns('Something else', 'x'))
    for (const text of ['"C++"', 'AND', 'and-gate', 'NOT', 'near(NOT)', 'cafe', 'CAF\u00c9', 'a*b', 'text:', 'brace}', 'c++ gate', '"']) {
      expect(() => hits(store, text), text).not.toThrow()
    }
    expect(['"C++"', 'and-gate', 'near(NOT)', 'CAF\u00c9', 'a*b', '{brace}'].map((text) => hits(store, text))).toEqual(
      [1, 1, 1, 1, 1, 1],
    )
    expect(['text:gate', 'gate OR else', '', ' \t', '"', '***', '\u0000'].map((text) => hits(store, text))).toEqual(
      [0, 0, 0, 0, 0, 0, 0],
    )
  })
  test('P15: all words in one turn, the last one also as a beginning', () => {
    const store = openTemporary()
    insertTrajectory(store, chatColumns('red green', 'blue'))
    expect(hits(store, 'green red')).toBe(1)
    expect(hits(store, 'red gre')).toBe(1)
    expect(hits(store, 'gre red')).toBe(0)
    expect(hits(store, 'red blue')).toBe(0)
  })
  test('P15, P16: the limit holds, and a turn that was corrected is found by its new words', () => {
    const store = openTemporary()
    for (const answer of ['one', 'two', 'three']) insertTrajectory(store, chatColumns('Same', answer))
    expect(searchTrajectories(store, 'same', { limit: 2 })).toHaveLength(2)
    const [hit] = searchTrajectories(store, 'two')
    reindexTurn(store, { trajectoryId: hit!.trajectoryId, turn: 1, text: 'Thought: four' })
    expect([hits(store, 'two'), hits(store, 'four'), hits(store, 'same')]).toEqual([0, 1, 3])
  })
})

describe('corrections', () => {
  test('P4, P9: are kept in order and only ever added', () => {
    const store = openTemporary()
    const row = chatColumns('Q', 'x')
    insertTrajectory(store, row)
    const correction = {
      trajectoryId: String(row.id),
      change: { type: 'label' as const, turn: 1, label: 'good' as const },
      reason: 'r',
      author: 'a',
      at: '2025-01-01T00:00:00Z',
    }
    const first = insertCorrection(store, correction)
    const second = insertCorrection(store, { ...correction, change: { type: 'label', turn: 1, label: null } })
    expect(findCorrections(store, String(row.id))).toEqual([first, second])
    expect(() => store.statement("UPDATE correction SET author = 'b'").run()).toThrow('append-only')
    expect(() => store.statement('DELETE FROM correction').run()).toThrow('append-only')
    expect(() => insertCorrection(store, { ...correction, trajectoryId: 'none' })).toThrow('FOREIGN KEY')
  })
})

describe('runs, adapters, revisions', () => {
  const id = 'a'.repeat(64)
  test('P6, P7, P9: a run lives through its states; its settings stay', () => {
    const store = openTemporary()
    expect(() => insertRun(store, run('r1', id))).toThrow('FOREIGN KEY')
    insertDatasetRevision(store, { id, members: [] })
    insertDatasetRevision(store, { id, members: [] })
    expect(findDatasetRevision(store, id)).toEqual({ id, members: [] })
    insertRun(store, run('r1', id))
    insertRun(store, { ...run('r2', id), createdAt: '2025-02-01T00:00:00.000Z' })
    expect(updateRun(store, 'r1', { state: 'finished', result: { steps: 3 } })).toEqual(findRun(store, 'r1'))
    expect(findRun(store, 'r1')).toEqual({ ...run('r1', id), state: 'finished', result: { steps: 3 } })
    expect(listRuns(store).map((item) => item.id)).toEqual(['r2', 'r1'])
    expect(() => updateRun(store, 'r9', { state: 'failed' })).toThrow('the project has no such run')
    expect([findRun(store, 'r9'), findDatasetRevision(store, 'b'.repeat(64))]).toEqual([null, null])
  })
  test('P8: an adapter of a resumed run takes the place of the one before', () => {
    const store = openTemporary()
    insertDatasetRevision(store, { id, members: [] })
    insertRun(store, run('r1', id))
    const adapter = {
      id: 'a1', runId: 'r1', path: 'runs/r1/adapter.gguf', studentSha256: 'ab', rank: 16, alpha: 32, step: 10,
      createdAt: '2025-01-01T00:00:00Z',
    }
    putAdapter(store, adapter)
    putAdapter(store, { ...adapter, step: 20 })
    expect([findAdapter(store, 'a1'), listAdapters(store), findAdapter(store, 'a2')]).toEqual([
      { ...adapter, step: 20 }, [{ ...adapter, step: 20 }], null,
    ])
  })
})

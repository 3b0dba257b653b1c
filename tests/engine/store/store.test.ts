// The store: what it keeps, what it refuses to change, and what search finds.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../../src/engine/store/index.ts'
import {
  completeId, countTrajectories, findAdapter, findCorrections, findDatasetRevision, findLine, findRun, findSpans, findTrajectory,
  insertCorrection, insertDatasetRevision, insertEdit, insertRun, insertTrajectory, listAdapters, listRuns, openBulkStore, openInsertion,
  openStore,
  putAdapter, RANKED_AT_MOST, reindex, searchTrajectories, seqOf, toRow, trajectoryIds, unpackSpans, updateRun,
} from '../../../src/engine/store/index.ts'
import { packSpans } from '../../../src/engine/store/spans.ts'
import type { Span } from '../../../src/shared/records/span.ts'
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
    expect(findLine(store, seqOf(store, trajectory.id))).toMatchObject({
      id: trajectory.id, format: 'openai-chat', turns: 2, reason: 1, act: 1, final: 1, observe: 0, guessed: 0, outcome: null,
    })
    expect(findTrajectory(store, '0000000000000000')).toBeNull()
  })
  test('P1: spans come back as they went in, with their rules and calls', () => {
    const call = { name: { start: 8, end: 14 }, argument: { start: 15, end: 16 } }
    const spans: Span[][] = [
      [],
      [{ start: 0, end: 3, kind: 'reason', rule: 'hand' }, { start: 3, end: 9, kind: 'act', rule: 'it\u2019s "one"', call }],
      [{ start: 0, end: 9, kind: 'final', rule: 'hand', call }, { start: 9, end: 9, kind: 'reason', rule: 'hand' }],
    ]
    expect(unpackSpans(packSpans(spans))).toEqual(spans)
    expect(() => unpackSpans('{"names":[["act","hand"]],"turns":[[0,3,2]]}')).toThrow('Invalid')
    expect(() => unpackSpans('{"names":[["act","hand"]],"turns":[[0,3,1,4]]}')).toThrow('Invalid')
  })
  test('P5: equal content is a duplicate; the first stays', () => {
    const store = openTemporary()
    expect(insertTrajectory(store, chatColumns('Q', 'x'))).toBe('kept')
    expect(insertTrajectory(store, { ...chatColumns('Q', 'x'), file: 'other' })).toBe('duplicate')
    expect(insertTrajectory(store, chatColumns('Q', 'y'))).toBe('kept')
    expect([countTrajectories(store), trajectoryIds(store).length]).toEqual([2, 2])
    expect([1, 2].map((seq) => findLine(store, seq).file)).toEqual(['test.jsonl', 'test.jsonl'])
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
    expect(searchTrajectories(store, 'hm', { ranked: true }).seqs).toEqual([])
    expect(store.transaction(() => insertTrajectory(store, chatColumns('Q', 'x')))).toBe('kept')
  })
  test('P5, P11: what an open transaction inserted is not there for others before its end; it goes in in order, without what is there and what came twice', () => {
    const store = openTemporary()
    insertTrajectory(store, chatColumns('Q', 'y'))
    const bulk = openBulkStore(store.path)
    onTestFinished(bulk.dispose)
    const rows = ['x', 'y', 'z', 'x', 'a'].map((answer) => chatColumns('Q', answer))
    const open = bulk.begin()
    const insertion = open.within(() => openInsertion(bulk))
    expect(rows.map((row) => open.within(() => insertion.add(toRow(row))))).toEqual(['kept', 'duplicate', 'kept', 'duplicate', 'kept'])
    expect([countTrajectories(store), searchTrajectories(store, 'finish', { ranked: false }).seqs]).toEqual([1, [1]])
    expect(() => store.begin()).toThrow('another process is writing')
    open.within(insertion.end)
    open.commit()
    open.rollback()
    expect([rows[1], rows[0], rows[2], rows[4]].map((row) => seqOf(store, String(row!.id)))).toEqual([1, 2, 3, 4])
    for (const row of rows) {
      expect(findSpans(store, String(row.id))).toEqual(unpackSpans(String(row.spans)))
      expect(findLine(store, seqOf(store, String(row.id)))).toMatchObject({ id: row.id, question: 'Q', characters: row.characters })
    }
    expect(searchTrajectories(store, 'finish', { ranked: false }).seqs).toEqual([1, 2, 3, 4])
    expect(store.statement('PRAGMA foreign_key_check').all()).toEqual([])
  })
  test('P10: an open transaction that is rolled back leaves nothing, and the next one begins where it began', () => {
    const store = openTemporary()
    const open = store.begin()
    open.within(() => openInsertion(store).add(toRow(chatColumns('Q', 'x'))))
    open.rollback()
    expect([countTrajectories(store), searchTrajectories(store, 'finish', { ranked: false }).seqs]).toEqual([0, []])
    const next = store.begin()
    next.within(() => {
      const insertion = openInsertion(store)
      insertion.add(toRow(chatColumns('Q', 'y')))
      insertion.end()
    })
    next.commit()
    expect(seqOf(store, String(chatColumns('Q', 'y').id))).toBe(1)
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
  const hits = (store: Store, text: string): number => searchTrajectories(store, text, { ranked: true }).seqs.length
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
  test('P15: all words in one trajectory, the last one also as a beginning; every hit is there', () => {
    const store = openTemporary()
    insertTrajectory(store, chatColumns('red green', 'blue'))
    insertTrajectory(store, chatColumns('red', 'red red'))
    expect(hits(store, 'green red')).toBe(1)
    expect(hits(store, 'red gre')).toBe(1)
    expect(hits(store, 'gre red')).toBe(0)
    expect(hits(store, 'red blue')).toBe(1)
    expect([hits(store, 'r'), hits(store, 're'), hits(store, 'gre')]).toEqual([0, 0, 1])
    insertTrajectory(store, chatColumns('\u7ea2\u8272', 'x'))
    expect(hits(store, '\u7ea2')).toBe(1)
  })
  test('P15: best match first up to a number of hits, beyond that all of them in order of import, and it says so', () => {
    const store = openTemporary()
    store.transaction(() => {
      for (let n = 0; n <= RANKED_AT_MOST; n += 1) {
        reindex(store, n + 1, n === 3 ? 'rare common' : n === 7 ? 'rare rare' : `common word ${n} here`)
      }
    })
    const search = (text: string, ranked: boolean) => searchTrajectories(store, text, { ranked })
    expect(search('rare', true)).toEqual({ seqs: [8, 4], order: 'relevance' })
    expect(search('rare', false)).toEqual({ seqs: [4, 8], order: 'import' })
    expect(search('common', true)).toMatchObject({ order: 'relevance', seqs: { length: RANKED_AT_MOST } })
    reindex(store, 8, 'common')
    const all = search('common', true)
    expect([all.order, all.seqs.length, all.seqs[0], all.seqs.at(-1)]).toEqual(['import', RANKED_AT_MOST + 1, 1, RANKED_AT_MOST + 1])
  })
  test('P16: a trajectory that was corrected is found by its new words alone', () => {
    const store = openTemporary()
    for (const answer of ['one', 'two', 'three']) insertTrajectory(store, chatColumns('Same', answer))
    const [seq] = searchTrajectories(store, 'two', { ranked: true }).seqs
    reindex(store, seq!, 'Same\nThought: four')
    expect([hits(store, 'two'), hits(store, 'four'), hits(store, 'same')]).toEqual([0, 1, 3])
  })
})

describe('ids', () => {
  test('the beginning of an id stands for it when no other begins so', () => {
    const store = openTemporary()
    for (let n = 0; n < 40; n += 1) insertTrajectory(store, chatColumns('Same', `answer ${n}`))
    const ids = trajectoryIds(store)
    for (const id of ids) expect(completeId(store, id)).toEqual({ id })
    expect(completeId(store, '')).toEqual({ matches: 40 })
    expect(completeId(store, 'zz')).toEqual({ matches: 0 })
    expect(completeId(store, "'")).toEqual({ matches: 0 })
    const shared = ids.filter((id) => id[0] === ids[0]![0])
    expect(completeId(store, ids[0]![0]!)).toEqual(shared.length === 1 ? { id: ids[0] } : { matches: shared.length })
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
    const entry = insertEdit(store, { title: 't', reason: 'r', author: 'a', at: correction.at, trajectories: 1, changes: 2 })
    insertCorrection(store, correction, entry)
    insertCorrection(store, { ...correction, change: { type: 'label', turn: 1, label: null } }, entry)
    expect(findCorrections(store, String(row.id))).toEqual([
      { id: 1, ...correction },
      { id: 2, ...correction, change: { type: 'label', turn: 1, label: null } },
    ])
    expect(() => store.statement("UPDATE correction SET author = 'b'").run()).toThrow('append-only')
    expect(() => store.statement('DELETE FROM correction').run()).toThrow('append-only')
    expect(() => insertCorrection(store, { ...correction, trajectoryId: 'none' }, entry)).toThrow('FOREIGN KEY')
    expect(() => insertCorrection(store, correction, 99)).toThrow('FOREIGN KEY')
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

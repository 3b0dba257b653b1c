// Corrections on their way: shown at once, and kept, or dropped with a word, whatever happens between.
import { describe, expect, test, vi } from 'vitest'
import { createQueue, type Batch, type Failure } from '../../../src/renderer/editor/correctionQueue.ts'
import type { OpenedTrajectory } from '../../../src/shared/contract/routes/trajectories.ts'
import type { CorrectionChange } from '../../../src/shared/records/correction.ts'
import { openedOf, SMALL } from './records.ts'

const relabelled = (turn: number, kind: 'reason' | 'act' | 'final'): CorrectionChange => ({
  type: 'spans', turn, spans: [{ start: 0, end: SMALL[turn]![1].map(([, text]) => text).join('').length, kind, rule: 'hand' }],
})
const word = (turn: number, insert: string): CorrectionChange => ({ type: 'text', turn, range: { start: 0, end: 0 }, insert })

/** An engine that keeps changes; `fail` says what goes wrong with the next calls, before or after it has kept them. */
function engine(fail: { when: 'before' | 'after'; how: Failure }[] = []) {
  const kept: CorrectionChange[] = []
  const calls: string[] = []
  const shown: OpenedTrajectory[] = []
  let settle: () => void = () => {}
  const now = (): OpenedTrajectory => openedOf(SMALL, kept)
  const ports = {
    async correct({ title, changes }: Batch, revision: string) {
      await Promise.resolve()
      calls.push(title)
      const next = fail.shift()
      if (next?.when === 'before') throw new Error(next.how)
      if (revision !== now().revision) throw new Error('changed')
      kept.push(...changes)
      if (next) throw new Error(next.how)
    },
    open: async () => now(),
    failureOf: (error: unknown) => (error as Error).message as Failure,
    settle: () => new Promise<void>((resolve) => (settle = resolve)),
    show: (opened: OpenedTrajectory) => void shown.push(opened),
  }
  const queue = createQueue(now(), ports)
  return { queue, kept, calls, shown, now, last: () => shown.at(-1)!, settle: () => settle(), elsewhere: (change: CorrectionChange) => kept.push(change) }
}

describe('a correction', () => {
  test('is shown before the engine has it, and after that as the engine says', async () => {
    const { queue, last, now, kept } = engine()
    const result = queue.submit({ title: 'a', changes: [relabelled(1, 'act'), { type: 'label', turn: 1, label: 'good' }, { type: 'tags', tags: ['x', 'x'] }] })
    expect(kept).toEqual([])
    expect(last().shown.turns[1]).toMatchObject({ label: 'good', spans: [{ kind: 'act', rule: 'hand' }] })
    expect(last().tags).toEqual(['x'])
    expect(await result).toEqual({ type: 'kept' })
    await queue.idle()
    expect(last()).toEqual(now())
  })
  test('that comes while another is under way is sent after it, on top of it', async () => {
    const { queue, calls, last, now } = engine()
    const all = [queue.submit({ title: 'a', changes: [word(1, 'So, ')] }), queue.submit({ title: 'b', changes: [word(1, 'Well. ')] })]
    expect(last().shown.turns[1]!.text).toBe('Well. So, I look. Action: search[mug]')
    expect(await Promise.all(all)).toEqual([{ type: 'kept' }, { type: 'kept' }])
    expect(calls).toEqual(['a', 'b'])
    expect(now().shown.turns[1]!.text).toBe('Well. So, I look. Action: search[mug]')
  })
  test('leaves turns that did not change the very same objects', async () => {
    const { queue, shown, last } = engine()
    await queue.submit({ title: 'a', changes: [relabelled(1, 'act')] })
    await queue.submit({ title: 'b', changes: [relabelled(3, 'act')] })
    expect(last().shown.turns[2]).toBe(shown[0]!.shown.turns[2])
    expect(last().shown.turns[1]).toBe(shown[1]!.shown.turns[1])
  })
  test('that does not fit throws, and nothing is shown or sent', () => {
    const { queue, shown, calls } = engine()
    expect(() => void queue.submit({ title: 'a', changes: [{ type: 'label', turn: 0, label: 'good' }] })).toThrow(/agent/)
    expect([shown, calls]).toEqual([[], []])
  })
  test('of a kind that goes together replaces the one that waits, and is one entry', async () => {
    const { queue, calls, kept, settle } = engine()
    const first = queue.submit({ title: 'edge', changes: [relabelled(1, 'act')], together: 'edge 1' })
    const second = queue.submit({ title: 'edge', changes: [relabelled(1, 'final')], together: 'edge 1' })
    await Promise.resolve()
    settle()
    expect(await Promise.all([first, second])).toEqual([{ type: 'kept' }, { type: 'kept' }])
    expect(calls).toEqual(['edge'])
    expect(kept).toEqual([relabelled(1, 'final')])
  })
})

describe('when the connection goes', () => {
  test('before the engine has it, it is sent again', async () => {
    const { queue, calls, kept } = engine([{ when: 'before', how: 'lost' }])
    expect(await queue.submit({ title: 'a', changes: [word(1, 'x')] })).toEqual({ type: 'kept' })
    expect([calls, kept]).toEqual([['a', 'a'], [word(1, 'x')]])
  })
  test('after the engine has it, it is not made twice', async () => {
    const { queue, calls, kept } = engine([{ when: 'after', how: 'lost' }])
    expect(await queue.submit({ title: 'a', changes: [word(1, 'x')] })).toEqual({ type: 'kept' })
    expect([calls, kept]).toEqual([['a'], [word(1, 'x')]])
  })
  test('again and again, it is given up, and what is shown is what is kept', async () => {
    const { queue, last, now } = engine(Array.from({ length: 9 }, () => ({ when: 'before' as const, how: 'lost' as const })))
    expect(await queue.submit({ title: 'a', changes: [word(1, 'x')] })).toMatchObject({ type: 'dropped', failure: 'lost' })
    await queue.idle()
    expect(last()).toEqual(now())
  })
})

describe('when the trajectory was changed elsewhere', () => {
  test('in another turn, the correction is made on top of that', async () => {
    const { queue, elsewhere, kept, last } = engine()
    elsewhere(relabelled(3, 'act'))
    expect(await queue.submit({ title: 'a', changes: [relabelled(1, 'final')] })).toEqual({ type: 'kept' })
    expect(kept).toEqual([relabelled(3, 'act'), relabelled(1, 'final')])
    await queue.idle()
    expect(last().shown.turns[3]!.spans[0]!.kind).toBe('act')
  })
  test('in the same turn, it is dropped with all that was made on top of it, and the truth is shown', async () => {
    const { queue, elsewhere, kept, last } = engine()
    elsewhere(word(1, 'Then '))
    const all = await Promise.all([queue.submit({ title: 'a', changes: [word(1, 'x')] }), queue.submit({ title: 'b', changes: [word(3, 'y')] })])
    expect(all).toMatchObject([{ type: 'dropped', failure: 'changed' }, { type: 'dropped', failure: 'changed' }])
    expect(kept).toEqual([word(1, 'Then ')])
    await queue.idle()
    expect(last().shown.turns[1]!.text).toBe('Then I look. Action: search[mug]')
    expect(last().shown.turns[3]!.text).toBe('Found. Action: finish[desk]')
  })
  test('it is shown when the engine says so, under what waits', async () => {
    const { queue, elsewhere, last } = engine()
    elsewhere({ type: 'note', text: 'from elsewhere' })
    await queue.refresh()
    expect(last().note).toBe('from elsewhere')
  })
  test('a refusal is final', async () => {
    const { queue, calls, last, now } = engine([{ when: 'before', how: 'refused' }])
    expect(await queue.submit({ title: 'a', changes: [word(1, 'x')] })).toMatchObject({ type: 'dropped', failure: 'refused' })
    await vi.waitFor(() => expect(last()).toEqual(now()), { timeout: 15_000 })
    expect(calls).toEqual(['a'])
  })
})

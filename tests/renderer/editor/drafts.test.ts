// Drafts: kept, found again, put over a text that changed meanwhile.
import { describe, expect, test, vi } from 'vitest'
import { draftsOf, rebased, type DraftStorage } from '../../../src/renderer/editor/drafts.ts'
import { livePages, type LivePages } from '../../../src/renderer/editor/livePages.ts'
import { changesOf, docOf, editBetween, textOf } from '../../../src/renderer/editor/textChanges.ts'

function storage(room = Infinity): DraftStorage & { all: Map<string, string> } {
  const all = new Map<string, string>()
  return {
    all,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > room) throw new Error('full')
      all.set(key, value)
    },
    removeItem: (key) => void all.delete(key),
    key: (index) => [...all.keys()][index] ?? null,
    get length() {
      return all.size
    },
  }
}
/** A page beside which no other lives. */
const gone: LivePages = { id: '1-here', lives: (id) => id === '1-here', look: async () => {} }
const place = { project: '/p', trajectory: 't' }
const draft = (turn: number, base: string, to: string) => ({ turn, base, changes: changesOf(base, editBetween(base, to)), at: '2026-01-01T00:00:00.000Z' })

describe('drafts', () => {
  test('are found again by their trajectory alone, in order of turns', () => {
    const kept = storage()
    expect(draftsOf(kept, place, gone).keep(draft(11, 'one two', 'one 2 two'))).toBe(true)
    draftsOf(kept, place, gone).keep(draft(2, 'a', 'b'))
    draftsOf(kept, { ...place, trajectory: 'other' }, gone).keep(draft(2, 'a', 'c'))
    const found = draftsOf(kept, place, gone).list()
    expect(found.map(({ turn, base, changes }) => [turn, textOf(changes.apply(docOf(base)))])).toEqual([[2, 'b'], [11, 'one 2 two']])
    draftsOf(kept, place, gone).drop(2)
    expect(draftsOf(kept, place, gone).list()).toHaveLength(1)
  })
  test('that cannot be read are taken away', () => {
    const kept = storage()
    const drafts = draftsOf(kept, place, gone)
    drafts.keep(draft(1, 'a', 'b'))
    const [key = ''] = kept.all.keys()
    for (const broken of ['{', 'null', '{"base":"longer","changes":[1],"at":"x"}']) {
      kept.all.set(key, broken)
      expect(drafts.list()).toEqual([])
      expect(kept.all.size).toBe(0)
    }
  })
  test('of a page that lives are neither offered nor overwritten elsewhere, and are once it is gone', () => {
    const kept = storage()
    const living = new Set(['1-one', '2-two'])
    const page = (id: string) => draftsOf(kept, place, { id, lives: (other) => living.has(other), look: async () => {} })
    page('1-one').keep(draft(1, 'a', 'one'))
    page('2-two').keep({ ...draft(1, 'a', 'two'), at: '2026-01-02T00:00:00.000Z' })
    const words = (id: string): string[] => page(id).list().map(({ base, changes }) => textOf(changes.apply(docOf(base))))
    expect([words('1-one'), words('2-two')]).toEqual([['one'], ['two']])
    page('1-one').drop(1)
    expect([words('1-one'), words('2-two')]).toEqual([[], ['two']])
    living.delete('2-two')
    expect(words('1-one')).toEqual(['two'])
  })
  test('say when there is no room', () => expect(draftsOf(storage(10), place, gone).keep(draft(1, 'a', 'b'))).toBe(false))
  test('keep their words over a text that changed', () => {
    const { base, changes } = draft(1, 'I look.', 'I look well.')
    expect(rebased({ base, changes }, base)).toBe(changes)
    const now = 'Then I look.'
    expect(textOf(rebased({ base, changes }, now).apply(docOf(now)))).toBe('I look well.')
  })
})

describe('pages', () => {
  test('live while they hold their lock; those that began after the look may', async () => {
    const held = new Map<string, () => void>()
    const locks = {
      request: async (name: string, hold: () => Promise<void>) => {
        held.set(name, () => {})
        await hold()
        held.delete(name)
      },
      query: async () => ({ held: [...held.keys()].map((name) => ({ name })) }),
    }
    let now = 10_000
    const start = () => livePages({ locks, now: () => now, random: () => 'x' })
    const first = start()
    now = 20_000
    const second = start()
    expect(second.lives(first.id)).toBe(true)
    now = 30_000
    await second.look()
    expect([second.lives(first.id), second.lives('15000-crashed'), second.lives('31000-new')]).toEqual([true, false, true])
    first.end()
    await vi.waitFor(() => expect(held.size).toBe(1), { timeout: 15_000 })
    await second.look()
    expect([second.lives(first.id), second.lives(second.id)]).toEqual([false, true])
  })
  test('are not known without locks: drafts are offered as they are', () => {
    const only = livePages({ locks: undefined, now: () => 1, random: () => 'x' })
    expect([only.lives(only.id), only.lives('2-y')]).toEqual([true, false])
  })
})

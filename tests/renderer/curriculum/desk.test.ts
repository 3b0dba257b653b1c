// The plan on the desk: undo and redo, what is kept of it, where ranks lie, and a stage in words.
import { describe, expect, test } from 'vitest'
import { keepDesk, keptDesk } from '../../../src/renderer/curriculum/keptDraft.ts'
import { beginHistory, edited, redone, undone } from '../../../src/renderer/curriculum/planHistory.ts'
import { changeStage, plainPlan } from '../../../src/renderer/curriculum/planModel.ts'
import { binAtPlace, complexityText, placeOfRank, rankAtPlace, valueAtRank } from '../../../src/renderer/curriculum/ranks.ts'
import { stageParts } from '../../../src/renderer/curriculum/stageText.ts'
import { i18n } from '../../../src/renderer/i18n/index.ts'
import { stageSchema } from '../../../src/shared/records/plan.ts'

const plan = plainPlan('first', 'all')
const named = (name: string) => ({ ...plan, name })

describe('undo and redo', () => {
  test('go back and forth, one edit at a time', () => {
    const two = edited(edited(beginHistory(plan), named('b'), null), named('c'), null)
    expect(undone(two).now.name).toBe('b')
    expect(undone(undone(undone(two))).now.name).toBe('first')
    expect(redone(undone(two)).now.name).toBe('c')
    expect(redone(two)).toEqual(two)
  })
  test('take edits of one field together, until another field is edited or something is undone', () => {
    const typed = edited(edited(edited(beginHistory(plan), named('b'), 'name'), named('bc'), 'name'), named('bcd'), 'name')
    expect(typed.past).toHaveLength(1)
    const other = edited(typed, changeStage(typed.now, 0, { replay: 0.5 }), '0 replay')
    expect(other.past).toHaveLength(2)
    expect(edited(undone(other), named('x'), '0 replay').past).toHaveLength(2)
  })
  test('end where something else is edited; no edit is no step', () => {
    const branched = edited(undone(edited(beginHistory(plan), named('b'), null)), named('c'), null)
    expect(branched.future).toEqual([])
    expect(edited(branched, branched.now, null)).toBe(branched)
  })
})

test('what is on the desk comes back, and what is no plan does not', () => {
  const texts = new Map<string, string>()
  const memory = { getItem: (name: string) => texts.get(name) ?? null, setItem: (name: string, text: string) => void texts.set(name, text) }
  const desk = { plan: named('mine'), saved: plan, id: 'first', revision: 'abc' }
  keepDesk(memory, '/a', desk)
  expect(keptDesk(memory, '/a')).toEqual(desk)
  expect(keptDesk(memory, '/b')).toBeNull()
  for (const text of ['', '{', '{"plan":{"version":2}}', JSON.stringify({ ...desk, plan: { ...plan, stages: [] } })]) {
    expect(keptDesk({ getItem: () => text, setItem: () => {} }, '/a')).toBeNull()
  }
})

describe('ranks on the histogram', () => {
  // Values 0 to 100, the lower half of the trajectories below 10.
  const quantiles = Array.from({ length: 101 }, (_, at) => (at <= 50 ? at / 5 : 10 + (at - 50) * 1.8))
  const report = { bins: Array.from({ length: 10 }, (_, at) => ({ from: at * 10, to: at * 10 + 10, count: 1 })), quantiles }
  test('lie where their values lie', () => {
    expect(valueAtRank(report, 0.5)).toBe(10)
    expect(placeOfRank(report, 0.5)).toBeCloseTo(0.1)
    expect([placeOfRank(report, 0), placeOfRank(report, 1)]).toEqual([0, 1])
  })
  test.each([0, 0.01, 0.3, 0.5, 0.77, 1])('are found again at their place: %d', (rank) => expect(rankAtPlace(report, placeOfRank(report, rank))).toBe(rank))
  test('of equal values are told apart by none: one in their middle is taken', () => {
    const flat = { bins: [{ from: 0, to: 1, count: 3 }], quantiles: Array.from({ length: 101 }, () => 0.5) }
    expect(rankAtPlace(flat, 0.5)).toBe(0.5)
  })
  test('and bins under the pointer', () => {
    expect([-1, 0, 0.05, 0.99, 1, 2].map((place) => binAtPlace(report, place))).toEqual([0, 0, 0, 9, 9, 9])
    expect(binAtPlace({ bins: [] }, 0.5)).toBeNull()
  })
  test('numbers are short', () => expect([3, 1234.4, 0.12345].map(complexityText)).toEqual(['3', '1,234', '0.123']))
})

test('a stage in words says what is not as usual', () => {
  const { t } = i18n.global as unknown as { t: (...given: unknown[]) => string }
  const say = (key: string, values: Record<string, unknown>, count?: number): string => (count === undefined ? t(key, values) : t(key, values, count))
  expect(stageParts(stageSchema.parse({ name: 'a' }), say)).toEqual(['everything', '1 pass', 'easy to hard'])
  const stage = stageSchema.parse({
    name: 'b', filter: { method: ['cot'], tags: ['x', 'y', 'z'], complexity: { from: 0, to: 0.5 } }, order: 'shuffled', length: { unit: 'steps', steps: 1200 }, replay: 0.25,
    recipe: 'smartad', lr: 1e-4, gate: { actAccuracy: 0.6, every: 10, otherwise: 'stop' }, mix: { by: 'format', shares: { a: 1 } },
  })
  expect(stageParts(stage, say)).toEqual([
    'complexity 0 % – 50 %, cot, 3 × Tags', '1,200 steps', 'shuffled', 'replay 25 %', 'mix by Source', 'smartad', 'rate 0.0001', 'gate at 60 % ACT',
  ])
})

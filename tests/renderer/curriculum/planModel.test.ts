// Edits of a plan: each is valid, and leaves the plan before as it was.
import { describe, expect, test } from 'vitest'
import {
  addStage, changeFilter, changeStage, duplicateStage, moveBorder, moveStage, placeAfterMove, plainPlan, rangeOf, removeStage, samePlan, withRange,
} from '../../../src/renderer/curriculum/planModel.ts'
import { planSchema, type Plan } from '../../../src/shared/records/plan.ts'

/** Stages of equal parts, as they are proposed. */
const parts = (...names: string[]): Plan =>
  planSchema.parse({
    version: 1,
    name: 'Parts',
    stages: names.map((name, at) => ({ name, filter: { complexity: { from: at / names.length, to: (at + 1) / names.length } } })),
  })
const names = ({ stages }: Plan): string[] => stages.map(({ name }) => name)
const ranges = ({ stages }: Plan): [number, number][] => stages.map((stage) => [rangeOf(stage).from, rangeOf(stage).to])

describe('stages', () => {
  const plan = parts('a', 'b', 'c')
  const before = structuredClone(plan)
  test.each<[string, (plan: Plan) => Plan, string[]]>([
    ['added behind the others', (one) => addStage(one, 'new'), ['a', 'b', 'c', 'new']],
    ['added with a name that is free', (one) => addStage(one, 'b'), ['a', 'b', 'c', 'b 2']],
    ['copied behind the one it is a copy of', (one) => duplicateStage(one, 0), ['a', 'a 2', 'b', 'c']],
    ['copied twice', (one) => duplicateStage(duplicateStage(one, 0), 0), ['a', 'a 3', 'a 2', 'b', 'c']],
    ['removed', (one) => removeStage(one, 1), ['a', 'c']],
    ['moved later', (one) => moveStage(one, 0, 2), ['b', 'c', 'a']],
    ['moved earlier', (one) => moveStage(one, 2, 0), ['c', 'a', 'b']],
    ['moved to nowhere', (one) => moveStage(one, 0, 3), ['a', 'b', 'c']],
    ['renamed', (one) => changeStage(one, 1, { name: 'B' }), ['a', 'B', 'c']],
  ])('are %s', (_, edit, expected) => {
    const after = edit(plan)
    expect(names(after)).toEqual(expected)
    expect(planSchema.safeParse(after).success).toBe(true)
    expect(plan).toEqual(before)
  })
  test.each([[0, 2], [2, 0], [1, 2], [1, 0]])('keep their cards when one moves from %d to %d', (from, to) => {
    const moved = names(moveStage(plan, from, to))
    expect(names(plan).map((_, at) => moved[placeAfterMove(at, { from, to })])).toEqual(names(plan))
    expect(placeAfterMove(-1, { from, to })).toBe(-1)
  })
  test('the last one cannot be removed', () => expect(names(removeStage(plainPlan('p', 'all'), 0))).toEqual(['all']))
  test('a copy of the longest name is not longer', () => {
    const long = 'x'.repeat(60)
    expect(names(duplicateStage(plainPlan('p', long), 0))[1]).toBe(`${'x'.repeat(58)} 2`)
  })
  test('a copy is of its own: a change of it changes nothing else', () => {
    const copied = changeStage(duplicateStage(plan, 0), 1, { gate: { actAccuracy: 0.5, every: 1, otherwise: 'stop' } })
    expect(copied.stages[0]?.gate).toBeNull()
  })
})

describe('a filter', () => {
  test('without a value loses its key, with one has it', () => {
    expect(changeFilter({ method: ['cot'], tags: ['x'] }, 'method', undefined)).toEqual({ tags: ['x'] })
    expect(changeFilter({ method: ['cot'] }, 'method', [])).toEqual({})
    expect(changeFilter({}, 'outcome', ['success'])).toEqual({ outcome: ['success'] })
  })
  test('of the whole range is none', () => {
    const [stage] = parts('a', 'b').stages
    expect(withRange(stage!, { from: 0, to: 1 }).filter).toEqual({})
    expect(rangeOf(withRange(stage!, { from: 0, to: 1 }))).toEqual({ from: 0, to: 1 })
  })
})

describe('a border', () => {
  const halves = parts('easy', 'hard')
  test('between two stages moves both', () => {
    expect(ranges(moveBorder(halves, { stage: 0, edge: 'to', share: 0.7 }))).toEqual([[0, 0.7], [0.7, 1]])
    expect(ranges(moveBorder(halves, { stage: 1, edge: 'from', share: 0.3 }))).toEqual([[0, 0.3], [0.3, 1]])
  })
  test('leaves both at least a hundredth', () => {
    expect(ranges(moveBorder(halves, { stage: 0, edge: 'to', share: 2 }))).toEqual([[0, 0.99], [0.99, 1]])
    expect(ranges(moveBorder(halves, { stage: 0, edge: 'to', share: -1 }))).toEqual([[0, 0.01], [0.01, 1]])
  })
  test('that no other stage has moves alone', () => {
    const overlapping = changeStage(halves, 1, { filter: { complexity: { from: 0.2, to: 1 } } })
    expect(ranges(moveBorder(overlapping, { stage: 0, edge: 'to', share: 0.8 }))).toEqual([[0, 0.8], [0.2, 1]])
  })
  test('lies on hundredths, and the same place is no edit', () => {
    expect(ranges(moveBorder(halves, { stage: 0, edge: 'to', share: 0.123456 }))[0]).toEqual([0, 0.12])
    expect(moveBorder(halves, { stage: 0, edge: 'to', share: 0.501 })).toBe(halves)
  })
  test('of a stage that takes everything makes a range of it', () => {
    const plan = moveBorder(plainPlan('p', 'all'), { stage: 0, edge: 'from', share: 0.25 })
    expect(plan.stages[0]?.filter).toEqual({ complexity: { from: 0.25, to: 1 } })
    expect(samePlan(moveBorder(plan, { stage: 0, edge: 'from', share: 0 }), plainPlan('p', 'all'))).toBe(true)
  })
})

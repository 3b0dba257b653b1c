// Draws of tasks: in order, of some families, and refused where a number is none.
import { expect, test } from 'vitest'
import { type Draw, drawProblems, ofFamilies, requireFamilies, requireStyle, requireTasks, SUITES, suiteNamed } from '../../../src/core/suites/index.ts'

const arith = suiteNamed('arith')
const TRAIN: Draw = { split: 'train', seed: 3, count: 5 }
const indices = (draw: Draw): number[] => [...drawProblems(arith, draw)].map(({ task }) => task.index)

test.each(SUITES.map((suite) => [suite.name, suite] as const))('%s: as many different tasks as are drawn, in each split', (_, suite) => {
  for (const split of ['train', 'held-out', 'ood'] as const) {
    const ids = [...drawProblems(suite, { split, seed: 1, count: 12 })].map(({ task }) => task.id)
    expect(new Set(ids).size).toBe(12)
    expect(ids).toEqual([...Array(12).keys()].map((index) => `${suite.name}/${split}/1/${index}`))
  }
})

test('places follow each other from the first that is looked at, or from behind those that are passed over', () => {
  expect(indices(TRAIN)).toEqual([0, 1, 2, 3, 4])
  expect(indices({ ...TRAIN, from: 7 })).toEqual([7, 8, 9, 10, 11])
  expect(indices({ ...TRAIN, from: 7, skip: 2 })).toEqual([9, 10, 11, 12, 13])
  expect(indices({ ...TRAIN, count: 0 })).toEqual([])
})

test('of some families: only those, and what is skipped is of them, too', () => {
  const two = arith.families.train.slice(0, 2)
  const all = [...drawProblems(arith, { ...TRAIN, count: 8, ...ofFamilies(two) })]
  expect(all).toHaveLength(8)
  expect(all.filter(({ task }) => !two.includes(task.family))).toEqual([])
  const later = [...drawProblems(arith, { ...TRAIN, count: 5, skip: 3, ...ofFamilies(two) })]
  expect(later.map(({ task }) => task.id)).toEqual(all.slice(3).map(({ task }) => task.id))
  // One that never comes up ends the draw, and not in an endless search.
  expect([...drawProblems(arith, { ...TRAIN, ...ofFamilies(['no such']) })]).toEqual([])
})

test.each([
  ['from', 'suite', 'suite'],
  ['from', NaN, 'NaN'],
  ['from', -1, '-1'],
  ['skip', 0.5, '0.5'],
  ['count', Infinity, 'Infinity'],
  ['count', 2 ** 53, '9007199254740992'],
  ['seed', NaN, 'NaN'],
  ['seed', '1', '1'],
])('a %s of %o is refused before any task is made', (name, value, found) => {
  const draw = { ...TRAIN, [name]: value }
  expect(() => drawProblems(arith, draw)).toThrow(expect.objectContaining({ code: 'bad-draw', found, where: `${name} of a draw of arith` }) as Error)
})

test('families that a split does not have are refused, with those that it has', () => {
  const [family] = arith.families.train
  for (const split of ['train', 'held-out'] as const) expect(() => requireFamilies(arith, { split, families: [family!] })).not.toThrow()
  expect(() => requireFamilies(arith, { split: 'ood' })).not.toThrow()
  const expected = `some of ${arith.families.ood.join(', ')}`
  expect(() => requireFamilies(arith, { split: 'ood', families: [family!, arith.families.ood[0]!, 'x'] })).toThrow(expect.objectContaining({ code: 'no-family', found: `${family}, x`, expected }) as Error)
})

test('a style that the tools of a suite do not have is refused, with those that they have', () => {
  for (const suite of SUITES) {
    expect(suite.styles, suite.name).toContain(suite.style)
    for (const style of suite.styles) expect(() => requireStyle(suite, style)).not.toThrow()
    expect(() => requireStyle(suite, undefined)).not.toThrow()
  }
  for (const name of ['twohop', 'shop', 'sql'] as const) {
    expect(() => requireStyle(suiteNamed(name), 'code')).toThrow(expect.objectContaining({ code: 'no-such-style', found: 'code', expected: 'one of react, native' }) as Error)
  }
})

test('more tasks than a split has are refused; a draw ends behind the last', () => {
  const game24 = suiteNamed('game24')
  const there = game24.count!('held-out')
  expect(() => requireTasks(game24, { split: 'held-out', count: there })).not.toThrow()
  expect(() => requireTasks(game24, { split: 'ood', count: 10_000 })).not.toThrow()
  expect(() => requireTasks(arith, { split: 'held-out', count: 10_000 })).not.toThrow()
  expect(() => requireTasks(game24, { split: 'held-out', count: there + 1 })).toThrow(expect.objectContaining({ code: 'no-such-task', expected: `${there} at most` }) as Error)
})

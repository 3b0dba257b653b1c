// Intervals against values that were had another way (tests/golden/statistics), and their properties.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { differenceOf, pairedDifference, shareOf, wilson } from '../../../src/core/evaluation/index.ts'
import { goldenPath } from '../../support/golden.ts'

type Table = { both: number; first: number; second: number; neither: number; low: number; high: number }
type Ends = { low: number; high: number }
type Crossed = { first: number[][]; second: number[][]; share: Ends; difference: Ends }
type Row = { successes: number; tasks: number; low: number; high: number }
const golden = JSON.parse(readFileSync(goldenPath('statistics/values.json'), 'utf8')) as {
  wilson: Row[]; bootstrap: Row[]; newcombe: Table[]; crossed: Crossed[]; published: Table
}
const outcomes = ({ successes, tasks }: Row): number[] => Array.from({ length: tasks }, (_, i) => Number(i < successes))

test.each(golden.wilson)('Wilson: $successes of $tasks', ({ successes, tasks, low, high }) => {
  const found = wilson(successes, tasks)!
  expect(found.value).toBe(successes / tasks)
  expect(found.low).toBeCloseTo(low, 9)
  expect(found.high).toBeCloseTo(high, 9)
})

test('of no tasks there is no interval', () => {
  expect(wilson(0, 0)).toBeNull()
  expect(shareOf([], { seed: 1 })).toBeNull()
  expect(pairedDifference([], [], { seed: 1 })).toBeNull()
})

test.each(golden.bootstrap)('bootstrap: $successes of $tasks', (row) => {
  // Against nothing solved, a difference is the share.
  const found = pairedDifference(outcomes(row).map(() => 0), outcomes(row), { seed: 3, draws: 20_000 })!
  expect(found.value).toBeCloseTo(row.successes / row.tasks, 12)
  // One task more or less: what 20,000 draws may be off at a step of the binomial.
  expect(Math.abs(found.low - row.low)).toBeLessThanOrEqual(1 / row.tasks + 1e-9)
  expect(Math.abs(found.high - row.high)).toBeLessThanOrEqual(1 / row.tasks + 1e-9)
})

test('a seed gives its interval again, another seed another one', () => {
  const grid = Array.from({ length: 30 }, (_, i) => [Math.abs(Math.sin(i))])
  const draws = 1000
  expect(shareOf(grid, { seed: 5, draws })).toEqual(shareOf(grid, { seed: 5, draws }))
  expect(shareOf(grid, { seed: 5, draws })!.low).not.toBe(shareOf(grid, { seed: 6, draws })!.low)
})

/** A table of pairs as the outcomes of both. */
const pairsOf = ({ both, first, second, neither }: Table): [number[], number[]] => {
  const pairs = [...Array<[number, number]>(both).fill([1, 1]), ...Array<[number, number]>(first).fill([1, 0]), ...Array<[number, number]>(second).fill([0, 1]), ...Array<[number, number]>(neither).fill([0, 0])]
  return [pairs.map(([one]) => one), pairs.map(([, two]) => two)]
}

test.each(golden.newcombe)('few pairs that differ: at least as wide as Newcombe, $both $first $second $neither', (table) => {
  const [first, second] = pairsOf(table)
  const found = pairedDifference(first, second, { seed: 1 })!
  // Whatever the bootstrap adds are whole pairs; where all are equal it adds nothing.
  const none = new Set(first.map((one, i) => second[i]! - one)).size === 1
  expect(found.low).toBeLessThanOrEqual(table.low + 1e-9)
  expect(found.high).toBeGreaterThanOrEqual(table.high - 1e-9)
  if (none) expect([found.low, found.high]).toEqual([expect.closeTo(table.low, 9), expect.closeTo(table.high, 9)])
  expect(found.high - found.low).toBeLessThan(table.high - table.low + 0.08)
})

test('the values of make.py are those that Newcombe printed', () => {
  expect(golden.published.low).toBeCloseTo(0.0569, 4)
  expect(golden.published.high).toBeCloseTo(0.3404, 4)
})

test('nothing solved, or all, with three seeds: Wilson over the tasks, not no width', () => {
  const all = (value: number): number[][] => Array.from({ length: 40 }, () => [value, value, value])
  expect(shareOf(all(0), { seed: 1 })).toEqual({ value: 0, low: 0, high: expect.closeTo(golden.wilson[0]!.high, 9) as number })
  expect(shareOf(all(1), { seed: 1 })).toEqual({ value: 1, low: expect.closeTo(1 - golden.wilson[0]!.high, 9) as number, high: 1 })
  // One of 120 is no surer than none of 120.
  const once = all(0).map((row, i) => (i === 0 ? [1, 0, 0] : row))
  expect(shareOf(once, { seed: 1 })!.high).toBeGreaterThan(golden.wilson[0]!.high)
  expect(differenceOf(all(0), all(1), { seed: 1, seeds: 'paired' })!.low).toBeLessThan(0.9)
})

test.each(golden.crossed)('tasks and seeds are drawn: grid %#', ({ first, second, share, difference }) => {
  // A task with one of the seeds more or less: what 20,000 draws may be off at a step.
  const step = 1 / (second.length * Math.max(1, second[0]!.length - 1)) + 1e-9
  const [found, gain] = [shareOf(second, { seed: 3, draws: 20_000 })!, differenceOf(first, second, { seed: 3, draws: 20_000, seeds: 'paired' })!]
  for (const [one, other] of [[found, share], [gain, difference]] as const) {
    expect(Math.abs(one.low - other.low)).toBeLessThanOrEqual(step)
    expect(Math.abs(one.high - other.high)).toBeLessThanOrEqual(step)
  }
})

test('seeds that differ widen the interval; another arm of one seed has none to draw', () => {
  const tasks = Array.from({ length: 200 }, (_, i) => i)
  const apart = tasks.map((i) => [Number(i % 10 < 2), Number(i % 10 < 5), Number(i % 10 < 8)])
  const alike = tasks.map((i) => [Number(i % 2 === 0), Number(i % 2 === 0), Number(i % 2 === 0)])
  const width = ({ low, high }: { low: number; high: number }): number => high - low
  const [seed, draws] = [1, 1000]
  expect(width(shareOf(apart, { seed, draws })!)).toBeGreaterThan(3 * width(shareOf(alike, { seed, draws })!))
  const single = tasks.map(() => [0])
  expect(width(differenceOf(single, apart, { seed, draws, seeds: 'apart' })!)).toBeCloseTo(width(shareOf(apart, { seed, draws })!), 1)
})

test('a paired difference is narrow where the pairs go together, and as wide as both where they do not', () => {
  const first = Array.from({ length: 40 }, (_, i) => Number(i % 2 === 0))
  const better = first.map((value, i) => (i < 12 ? 1 : value))
  const together = pairedDifference(first, better, { seed: 1 })!
  expect(together.value).toBeCloseTo(6 / 40, 12)
  expect(together.low).toBeGreaterThan(0)
  const apart = pairedDifference(first, [...better].reverse(), { seed: 1 })!
  expect(apart.value).toBeCloseTo(together.value, 12)
  expect(apart.high - apart.low).toBeGreaterThan(2 * (together.high - together.low))
  // Four pairs that all go one way are too few: McNemar's exact test has p = 0.125.
  expect(pairedDifference(first, first.map((value, i) => (i < 8 ? 1 : value)), { seed: 1 })!.low).toBeLessThanOrEqual(0)
})

test('seeds that are drawn together are narrow where they go together', () => {
  const first = Array.from({ length: 200 }, (_, i) => [Number(i % 10 < 2), Number(i % 10 < 5), Number(i % 10 < 8)])
  const better = first.map((row, i) => row.map((value) => (i % 20 === 9 ? 1 : value)))
  const width = (seeds: 'paired' | 'apart'): number => {
    const { low, high } = differenceOf(first, better, { seed: 1, draws: 1000, seeds })!
    return high - low
  }
  expect(width('apart')).toBeGreaterThan(5 * width('paired'))
})

test('pairs of unequal lengths are a bug', () => {
  expect(() => differenceOf([[1]], [[1, 0]], { seed: 1, seeds: 'paired' })).toThrow('as many of both')
  expect(() => pairedDifference([1], [1, 0], { seed: 1 })).toThrow('equal lengths')
})

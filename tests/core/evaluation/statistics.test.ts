// Intervals against values that were had another way (tests/golden/statistics), and their properties.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bootstrapMean, pairedDifference, wilson } from '../../../src/core/evaluation/index.ts'
import { goldenPath } from '../../support/golden.ts'

type Row = { successes: number; tasks: number; low: number; high: number }
const golden = JSON.parse(readFileSync(goldenPath('statistics/values.json'), 'utf8')) as { wilson: Row[]; bootstrap: Row[] }
const outcomes = ({ successes, tasks }: Row): number[] => Array.from({ length: tasks }, (_, i) => Number(i < successes))

test.each(golden.wilson)('Wilson: $successes of $tasks', ({ successes, tasks, low, high }) => {
  const found = wilson(successes, tasks)!
  expect(found.value).toBe(successes / tasks)
  expect(found.low).toBeCloseTo(low, 9)
  expect(found.high).toBeCloseTo(high, 9)
})

test('of no tasks there is no interval', () => {
  expect(wilson(0, 0)).toBeNull()
  expect(bootstrapMean([], { seed: 1 })).toBeNull()
})

test.each(golden.bootstrap)('bootstrap: $successes of $tasks', (row) => {
  const found = bootstrapMean(outcomes(row), { seed: 3, draws: 20_000 })!
  expect(found.value).toBeCloseTo(row.successes / row.tasks, 12)
  // One task more or less: what 20,000 draws may be off at a step of the binomial.
  expect(Math.abs(found.low - row.low)).toBeLessThanOrEqual(1 / row.tasks + 1e-9)
  expect(Math.abs(found.high - row.high)).toBeLessThanOrEqual(1 / row.tasks + 1e-9)
})

test('a seed gives its interval again, another seed another one', () => {
  const values = Array.from({ length: 30 }, (_, i) => Math.sin(i))
  expect(bootstrapMean(values, { seed: 5 })).toEqual(bootstrapMean(values, { seed: 5 }))
  expect(bootstrapMean(values, { seed: 5 })!.low).not.toBe(bootstrapMean(values, { seed: 6 })!.low)
})

test('a paired difference is narrow where the pairs go together, and as wide as both where they do not', () => {
  const first = Array.from({ length: 40 }, (_, i) => Number(i % 2 === 0))
  const better = first.map((value, i) => (i < 4 ? 1 : value))
  const together = pairedDifference(first, better, { seed: 1 })!
  expect(together.value).toBeCloseTo(2 / 40, 12)
  expect(together.low).toBeGreaterThanOrEqual(0)
  const apart = pairedDifference(first, [...better].reverse(), { seed: 1 })!
  expect(apart.value).toBeCloseTo(together.value, 12)
  expect(apart.high - apart.low).toBeGreaterThan(3 * (together.high - together.low))
})

test('pairs of unequal lengths are a bug', () => {
  expect(() => pairedDifference([1], [1, 0], { seed: 1 })).toThrow('equal lengths')
})

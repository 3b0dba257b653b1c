// Early stopping: the best of a curve, and when it is over.
import { expect, test } from 'vitest'
import { bestPoint, earlyStop, withoutGain } from '../../../src/core/pipeline/training/index.ts'
import type { HeldoutPoint } from '../../../src/shared/contract/metrics.ts'

const curve = (losses: readonly number[], accuracies: readonly (number | null)[] = []): HeldoutPoint[] =>
  losses.map((nll, i) => {
    const accuracy = accuracies[i] ?? null
    const mean = { nll, accuracy: 0, tokens: 1 }
    return { step: 10 * i, whole: true, result: { agent: mean, byKind: accuracy === null ? {} : { act: { ...mean, accuracy } }, byPart: {} } }
  })
const rule = (change: object = {}) => ({ earlyStop: 'loss' as const, patience: 2, minGain: 0, ...change })
/** The step after which a run with this curve ends. */
const endOf = (points: readonly HeldoutPoint[], change: object = {}): number | null =>
  points.find((_, i) => earlyStop(points.slice(0, i + 1), rule(change)) !== null)?.step ?? null

test('so many points in a row without a gain; a gain begins the count anew', () => {
  expect(endOf(curve([9, 5, 4, 4.5, 3.9, 4, 4, 1]))).toBe(60)
  expect(endOf(curve([9, 5, 4, 4.5, 3.9, 4, 4, 1]), { patience: 3 })).toBeNull()
  expect(endOf(curve([9, 5, 4, 4.5, 3.9, 4, 4, 1]), { earlyStop: 'off' })).toBeNull()
})

test('small gains are none for the patience, and still the best', () => {
  const points = curve([9, 5, 4.95, 4.91, 4.9])
  expect(endOf(points, { minGain: 0.1 })).toBe(30)
  expect(endOf(points)).toBeNull()
  // Together they are one.
  expect(endOf(curve([9, 5, 4.95, 4.89, 4.88]), { minGain: 0.1 })).toBeNull()
  expect(bestPoint(points, rule({ minGain: 0.1 }))).toEqual({ step: 40, on: 'loss', value: 4.9 })
  expect(earlyStop(points.slice(0, 4), rule({ minGain: 0.1 }))).toBe('2 evaluations in a row brought no gain of more than 0.1 over a held-out loss of 5.0000 nats a token after step 10')
})

test('by the accuracy of ACT tokens: more is better, the first of equals is the best, and without such tokens nothing is decided', () => {
  const points = curve([9, 5, 4, 3, 2], [0.9, 0.2, 0.4, 0.4, 0.3])
  expect(endOf(points, { earlyStop: 'act' })).toBe(40)
  expect(bestPoint(points, rule({ earlyStop: 'act' }))).toEqual({ step: 20, on: 'act', value: 0.4 })
  expect(earlyStop(points, rule({ earlyStop: 'act' }))).toContain('40.00 % of the held-out ACT tokens put first after step 20')
  expect(endOf(curve([9, 5, 5, 5, 5]), { earlyStop: 'act' })).toBeNull()
})

test('the student before training is no candidate', () => {
  expect(bestPoint(curve([1, 5, 4]), rule())).toMatchObject({ step: 20 })
  expect(bestPoint(curve([1]), rule())).toBeNull()
})

test('a run of which no step beat the untrained student says so, by what it is judged by', () => {
  expect(withoutGain(curve([5.678, 5.9915]), rule({ earlyStop: 'off' }))).toBe(
    'no step beat the untrained student: it has a held-out loss of 5.6780 nats a token, the nearest, step 10, a held-out loss of 5.9915 nats a token',
  )
  expect(withoutGain(curve([5, 5]), rule())).toContain('no step beat')
  expect(withoutGain(curve([5, 4, 6]), rule())).toBeNull()
  expect(withoutGain(curve([5, 4], [0.4, 0.3]), rule({ earlyStop: 'act' }))).toContain('40.00 %')
  expect(withoutGain(curve([5, 6], [0.4, 0.5]), rule({ earlyStop: 'act' }))).toBeNull()
  expect(withoutGain(curve([5]), rule())).toBeNull()
})

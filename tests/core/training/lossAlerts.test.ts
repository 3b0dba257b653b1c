// The alert for a loss that jumps.
import { expect, test } from 'vitest'
import { createLossAlerts } from '../../../src/core/pipeline/training/lossAlerts.ts'
import type { MetricsLine } from '../../../src/shared/contract/metrics.ts'
import { random } from '../../support/random.ts'

const line = (step: number, loss: number, gradNorm = 1): MetricsLine =>
  ({ step, loss, byKind: {}, actAccuracy: null, lr: 1, gradNorm, tokens: 1, trainedTokens: 1, seconds: 1 })

const alerts = (losses: readonly number[], norms: readonly number[] = []): number[] => {
  const alert = createLossAlerts()
  return losses.flatMap((loss, index) => alert(line(index + 1, loss, norms[index])).flatMap(({ type, step }) => (type === 'spike' ? [step] : [])))
}

test('a loss that falls and varies is none', () => {
  for (const seed of [1, 2, 3]) {
    const next = random(seed)
    expect(alerts(Array.from({ length: 300 }, (_, i) => (1 + 3 * Math.exp(-i / 50)) * (0.8 + 0.4 * next())))).toEqual([])
  }
})

test('a jump is one, once within twenty steps; a jump among the first ten steps is not', () => {
  const losses = Array.from({ length: 80 }, (_, i) => 1 + 0.1 * Math.sin(i))
  for (const step of [4, 30, 35, 70]) losses[step - 1] = 4
  expect(alerts(losses)).toEqual([30, 70])
})

test('so is a gradient norm of more than ten times the largest', () => {
  const [losses, norms] = [Array.from({ length: 30 }, () => 1), Array.from({ length: 30 }, () => 2)]
  norms[19] = 21
  expect(alerts(losses, norms)).toEqual([20])
  expect(createLossAlerts()(line(1, 1))).toEqual([])
})

test('a plateau: 100 steps that are not half a percent better than the 100 before, said once in 200; left-out steps do not count', () => {
  const plateaus = (losses: readonly (number | null)[]): number[] => {
    const alert = createLossAlerts()
    return losses.flatMap((loss, index) => alert({ ...line(index + 1, 0), loss }).flatMap(({ type, step }) => (type === 'plateau' ? [step] : [])))
  }
  expect(plateaus(Array.from({ length: 600 }, (_, i) => 3 - i / 300))).toEqual([])
  expect(plateaus(Array.from({ length: 599 }, (_, i) => 1 + (i % 7) / 100))).toEqual([200, 400])
  expect(plateaus(Array.from({ length: 210 }, (_, i) => (i < 10 ? null : 1)))).toEqual([210])
})

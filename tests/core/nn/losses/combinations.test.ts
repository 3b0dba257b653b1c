// Losses that are put together: learned span weights against finite differences, gradient projection against its definition.
import { describe, expect, test } from 'vitest'
import { projectConflicts, spanWeight, updatedSpanWeight } from '../../../../src/core/nn/losses/index.ts'
import { random } from '../../../support/random.ts'

describe('learned span weights', () => {
  const objective = (s: number, loss: number): number => spanWeight(s) * loss + s

  test.each([[0, 1.7], [0.5, 0.2], [-1.2, 3]])('a step from s = %d at loss %d goes down the objective by its gradient', (s, meanLoss) => {
    const numeric = (objective(s + 1e-6, meanLoss) - objective(s - 1e-6, meanLoss)) / 2e-6
    const lr = 1e-4
    expect((s - updatedSpanWeight(s, { meanLoss, lr })) / (50 * lr)).toBeCloseTo(numeric, 6)
  })

  test('s comes to rest at log of the loss, and never leaves [-2, 2]', () => {
    const settle = (meanLoss: number): number => {
      let s = 0
      for (let step = 0; step < 2000; step++) s = updatedSpanWeight(s, { meanLoss, lr: 2e-4 })
      return s
    }
    expect(settle(1.5)).toBeCloseTo(Math.log(1.5), 3)
    expect(settle(0.2)).toBeCloseTo(Math.log(0.2), 3)
    expect(settle(100)).toBe(2)
    expect(settle(0.01)).toBe(-2)
  })
})

describe('gradient projection', () => {
  const of = (...values: number[]) => new Map([['w', Float32Array.from(values)]])
  const only = (a: Map<string, Float32Array>, b: Map<string, Float32Array>) => projectConflicts(a, b)

  test('by hand: (1, 0) and (-1, 1) become (0.5, 0.5) and (0, 1)', () => {
    const { gradients, conflicts, of: total } = only(of(1, 0), of(-1, 1))
    expect([...gradients.get('w')!]).toEqual([0.5, 1.5])
    expect([conflicts, total]).toEqual([1, 1])
  })

  test('gradients that do not oppose are added, orthogonal ones too', () => {
    expect([...only(of(1, 2), of(3, -1)).gradients.get('w')!]).toEqual([4, 1])
    expect(only(of(1, 0), of(0, 5))).toMatchObject({ conflicts: 0, of: 1 })
  })

  test('random ones: neither projected gradient goes against the other task', () => {
    const next = random(3)
    const vector = () => of(...Array.from({ length: 20 }, () => next() - 0.5))
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
    let opposed = 0
    for (let trial = 0; trial < 200; trial++) {
      const [a, b] = [vector(), vector()]
      const [x, y] = [a.get('w')!, b.get('w')!]
      const { gradients, conflicts } = only(a, b)
      opposed += conflicts
      expect(conflicts).toBe(dot(x, y) < 0 ? 1 : 0)
      // PCGrad's theorem 1: the update descends both, since the sum's product with each is not negative.
      const sum = gradients.get('w')!
      expect(dot(sum, x)).toBeGreaterThan(-1e-6)
      expect(dot(sum, y)).toBeGreaterThan(-1e-6)
    }
    expect(opposed).toBeGreaterThan(50)
  })

  test('a matrix that one task has no gradient for is taken from the other', () => {
    const { gradients, of: total } = only(new Map(), of(1, 2))
    expect([[...gradients.get('w')!], total]).toEqual([[1, 2], 0])
  })
})

// The plan of a run: every example as often as the epochs say, steps of the size asked for, packing without loss, the schedule.
import { describe, expect, test } from 'vitest'
import { planSteps as planOf, type PlannedStep } from '../../../src/core/pipeline/training/index.ts'
import { random } from '../../support/random.ts'
import { strangers } from '../../support/sequences.ts'

const SETTINGS = {
  batchTokens: 100, microTokens: 60, epochs: 1, maxSteps: undefined, seed: 3, lr: 2, schedule: 'constant', warmupSteps: 0,
} as const
const planSteps = (lengths: readonly number[], settings: Parameters<typeof planOf>[1]) => planOf(strangers(lengths), settings)
const next = random(11)
const lengthsOf = (count: number, most = 90): number[] => Array.from({ length: count }, () => 1 + Math.floor(next() * most))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
const drawn = (steps: readonly PlannedStep[]): number[] => steps.flatMap((step) => step.examples)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('steps', () => {
  test('one epoch takes every example once; a step ends with the example that fills it', () => {
    const lengths = lengthsOf(57)
    const steps = planSteps(lengths, SETTINGS)
    expect(ascending(drawn(steps))).toEqual(upTo(57))
    for (const [index, { examples, passes }] of steps.entries()) {
      const tokens = examples.map((i) => lengths[i]!)
      expect(sum(tokens.slice(0, -1))).toBeLessThan(SETTINGS.batchTokens)
      if (index < steps.length - 1) expect(sum(tokens)).toBeGreaterThanOrEqual(SETTINGS.batchTokens)
      expect(ascending(passes.flat())).toEqual(ascending(examples))
    }
  })

  test('the same lengths, settings and seed give the same plan; another seed another order', () => {
    const lengths = lengthsOf(30)
    expect(planSteps([...lengths], { ...SETTINGS })).toEqual(planSteps(lengths, SETTINGS))
    expect(drawn(planSteps(lengths, { ...SETTINGS, seed: 4 }))).not.toEqual(drawn(planSteps(lengths, SETTINGS)))
  })

  test('packing does not depend on the size of a pass: the same examples in each step', () => {
    const lengths = lengthsOf(30)
    const wide = planSteps(lengths, { ...SETTINGS, microTokens: 1000 })
    expect(wide.map((step) => step.examples)).toEqual(planSteps(lengths, SETTINGS).map((step) => step.examples))
    expect(wide.every((step) => step.passes.length === 1)).toBe(true)
  })

  test('epochs: whole ones reshuffle, a fraction takes that share, and never nothing', () => {
    const lengths = lengthsOf(20)
    const twice = drawn(planSteps(lengths, { ...SETTINGS, epochs: 2 }))
    expect(ascending(twice.slice(0, 20))).toEqual(upTo(20))
    expect(ascending(twice.slice(20))).toEqual(upTo(20))
    expect(twice.slice(20)).not.toEqual(twice.slice(0, 20))
    // The beginning of a longer run is the shorter run.
    expect(drawn(planSteps(lengths, { ...SETTINGS, epochs: 1.25 }))).toEqual(twice.slice(0, 25))
    expect(drawn(planSteps(lengths, { ...SETTINGS, epochs: 0.35 }))).toEqual(twice.slice(0, 7))
    expect(drawn(planSteps(lengths, { ...SETTINGS, epochs: 0.001 }))).toEqual(twice.slice(0, 1))
    expect(planSteps([], { ...SETTINGS, epochs: 3 })).toEqual([])
  })

  test('maxSteps cuts the plan, and the schedule ends with it', () => {
    const lengths = lengthsOf(60)
    const whole = planSteps(lengths, { ...SETTINGS, schedule: 'linear' })
    const cut = planSteps(lengths, { ...SETTINGS, schedule: 'linear', maxSteps: 4 })
    expect(cut.map((step) => step.examples)).toEqual(whole.slice(0, 4).map((step) => step.examples))
    expect(cut.map((step) => step.lr)).toEqual([2, 1.5, 1, 0.5])
    expect(planSteps(lengths, { ...SETTINGS, maxSteps: 10_000 })).toEqual(planSteps(lengths, SETTINGS))
  })
})

describe('learning rate of eight steps', () => {
  const rates = (schedule: 'constant' | 'linear' | 'cosine', warmupSteps: number): number[] =>
    planSteps(Array<number>(8).fill(100), { ...SETTINGS, lr: 1, schedule, warmupSteps }).map((step) => step.lr)

  test('warm-up climbs in equal parts and spends no step at 0', () => {
    expect(rates('constant', 3)).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1, 1])
    expect(rates('linear', 20)).toEqual(upTo(8).map((i) => (i + 1) / 21))
  })
  test('linear falls in equal parts to just above 0', () => {
    expect(rates('linear', 0)).toEqual([1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])
    expect(rates('linear', 4)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 0.75, 0.5, 0.25])
  })
  test('cosine: half of the peak half way', () => {
    const found = rates('cosine', 0)
    expect(found[0]).toBe(1)
    expect(found[4]).toBeCloseTo(0.5, 12)
    expect(found[2]).toBeCloseTo((1 + Math.SQRT1_2) / 2, 12)
    expect(found[6]! + found[2]!).toBeCloseTo(1, 12)
  })
})

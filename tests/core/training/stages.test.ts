// A run by a plan: stages one behind the other, gates that make it shorter and are followed again, paces, learning rates.
import { describe, expect, test } from 'vitest'
import {
  decideGate, gateDue, plainPlan, planStages, planSteps, stepsAsTrained, type RunPlan, type RunStage,
} from '../../../src/core/pipeline/training/index.ts'
import type { GateDecision } from '../../../src/shared/contract/planning.ts'
import { strangers } from '../../support/sequences.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const units = (from: number, count: number) => upTo(count).map((i) => ({ examples: [from + i], rank: (from + i) / 19, group: null }))
const stage = (change: Partial<RunStage>): RunStage =>
  ({ own: [], earlier: [], order: 'easy-to-hard', shares: null, replay: 0, length: { unit: 'passes', passes: 1 }, lr: 1, gate: null, ...change })
const SETTINGS = { batchTokens: 20, microTokens: 20, maxSteps: undefined, seed: 1, schedule: 'constant', warmupSteps: 0 } as const
/** 20 examples of 10 tokens, so two to a step; the first ten easy, the others hard. */
const planOf = (stages: RunStage[], change: Partial<RunPlan> = {}): RunPlan =>
  ({ examples: strangers(Array<number>(20).fill(10)), stages, pacing: null, settings: SETTINGS, ...change })
const EASY = stage({ own: units(0, 10) })
const HARD = stage({ own: units(10, 10), lr: 0.5 })
const GATED = stage({ own: units(0, 10), length: { unit: 'passes', passes: 4 }, gate: { actAccuracy: 0.5, every: 3, otherwise: 'advance' } })
const decision = (step: number, what: GateDecision['decision'], of = 0): GateDecision => ({ stage: of, step, actAccuracy: 0.4, decision: what })

describe('steps of stages', () => {
  test('by hand: two stages from easy to hard, a step never spans both, each with its learning rate', () => {
    const { steps, ends } = planStages(planOf([EASY, HARD]))
    expect(steps.map(({ examples }) => examples)).toEqual(upTo(10).map((i) => [2 * i, 2 * i + 1]))
    expect(steps.map((one) => one.stage)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    expect(steps.map(({ lr }) => lr)).toEqual([1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5])
    expect(steps.every(({ factors }) => factors === null)).toBe(true)
    expect(ends).toEqual([5, 10])
    const odd = planStages(planOf([stage({ own: units(0, 3) }), stage({ own: units(10, 3) })]))
    expect(odd.steps.map(({ examples }) => examples)).toEqual([[0, 1], [2], [10, 11], [12]])
  })

  test('the schedule is that of the whole run, laid over the rate of each stage', () => {
    const { steps } = planStages(planOf([EASY, HARD], { settings: { ...SETTINGS, schedule: 'linear', warmupSteps: 1 } }))
    // (step + 1) / 2 in the warm-up, then 1 - (step - 1) / 9.
    expect(steps.map(({ lr }) => Math.round(1e6 * lr) / 1e6)).toEqual(
      upTo(10).map((step) => Math.round(1e6 * (step < 5 ? 1 : 0.5) * (step === 0 ? 0.5 : 1 - (step - 1) / 9)) / 1e6),
    )
  })

  test('a budget of steps goes on pass after pass; a share of a pass is that many examples; empty stages have no steps', () => {
    const budget = planStages(planOf([stage({ own: units(0, 3), length: { unit: 'steps', steps: 6 } })]))
    expect(budget.steps).toHaveLength(6)
    expect(budget.steps.flatMap(({ examples }) => examples).sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    const half = planStages(planOf([stage({ own: units(0, 10), length: { unit: 'passes', passes: 0.45 } })]))
    expect(half.steps.flatMap(({ examples }) => examples)).toEqual([0, 1, 2, 3, 4])
    const { steps, ends } = planStages(planOf([stage({}), EASY, stage({ length: { unit: 'steps', steps: 3 } })]))
    expect([ends, new Set(steps.map((one) => one.stage))]).toEqual([[0, 5, 5], new Set([1])])
    expect(planStages(planOf([EASY, HARD], { settings: { ...SETTINGS, maxSteps: 7 } })).ends).toEqual([5, 7])
  })

  test('replay is on top of the passes of its own', () => {
    const { steps } = planStages(planOf([EASY, stage({ own: units(10, 10), earlier: units(0, 10), replay: 0.2 })]))
    const second = steps.filter((one) => one.stage === 1).flatMap(({ examples }) => examples)
    expect(second.filter((example) => example >= 10)).toEqual(upTo(10).map((i) => 10 + i))
    // 10 of its own are 80 % of 12.5.
    expect(second).toHaveLength(12)
  })

  test('a plain run is the plan of one stage', () => {
    const settings = { ...SETTINGS, epochs: 2.3, lr: 3, warmupSteps: 2, schedule: 'cosine' } as const
    const examples = strangers(upTo(25).map((i) => 1 + ((i * 7) % 19)))
    expect(planStages(plainPlan(examples, settings)).steps).toEqual(planSteps(examples, settings))
    expect(new Set(planSteps(examples, settings).map((one) => one.stage))).toEqual(new Set([0]))
  })
})

describe('pacing', () => {
  test('by hand: factors follow rank and competence, which is full after half of the run', () => {
    const plan = planOf([EASY, HARD], { pacing: { gamma: 1, c0: 0.2, steps: null } })
    const { steps } = planStages(plan)
    const c = (t: number): number => Math.min(1, Math.sqrt(0.04 + 0.96 * (t / 5)))
    steps.forEach(({ examples, factors }, t) => {
      examples.forEach((example, i) => expect(factors![i]).toBeCloseTo(Math.exp(-10 * Math.max(0, example / 19 - c(t))), 12))
    })
    expect(steps[4]!.factors).toEqual([1, 1])
    expect(planStages({ ...plan, pacing: { gamma: 0, c0: 0.2, steps: null } }).steps.every(({ factors }) => factors === null)).toBe(true)
  })

  test('what is replayed has its own rank', () => {
    const plan = planOf([stage({ own: units(15, 5) }), stage({ own: units(0, 5), earlier: units(15, 5), replay: 0.5 })], { pacing: { gamma: 1, c0: 0, steps: 1000 } })
    for (const { examples, factors } of planStages(plan).steps) {
      examples.forEach((example, i) => expect(factors![i]! < 0.01).toBe(example >= 15))
    }
  })
})

describe('gates', () => {
  const plan = planOf([GATED, HARD])
  const due = (done: number, decisions: GateDecision[] = []) => gateDue(plan, planStages(plan, decisions), { done, decisions })

  test('measured each three steps of the stage and at its end, once, and never elsewhere', () => {
    const staged = planStages(plan)
    expect(staged.ends).toEqual([20, 25])
    const at = upTo(26).filter((done) => due(done) !== null)
    expect(at).toEqual([3, 6, 9, 12, 15, 18, 20])
    expect(at.map((done) => due(done)!.atEnd)).toEqual([false, false, false, false, false, false, true])
    expect(due(6, [decision(3, 'wait'), decision(6, 'wait')])).toBeNull()
    expect(due(9, [decision(3, 'wait'), decision(6, 'wait')])).toMatchObject({ stage: 0, atEnd: false })
  })

  test('steps are counted from the beginning of the gate\'s own stage', () => {
    const later = planOf([EASY, { ...GATED, own: units(10, 10) }])
    const staged = planStages(later)
    expect(upTo(26).filter((done) => gateDue(later, staged, { done, decisions: [] }))).toEqual([8, 11, 14, 17, 20, 23, 25])
  })

  test('decisions by hand', () => {
    const open = due(3)!
    const end = due(20)!
    expect(decideGate(open, { step: 3, actAccuracy: 0.5 })).toEqual({ stage: 0, step: 3, actAccuracy: 0.5, decision: 'open' })
    expect(decideGate(open, { step: 3, actAccuracy: 0.49 }).decision).toBe('wait')
    expect(decideGate(end, { step: 20, actAccuracy: 0.49 }).decision).toBe('advance')
    expect(decideGate({ ...end, gate: { ...end.gate, otherwise: 'stop' } }, { step: 20, actAccuracy: 0.49 }).decision).toBe('stop')
    expect(decideGate(open, { step: 3, actAccuracy: null }).decision).toBe('wait')
  })

  test('an open gate ends its stage there; steps before are the same, the next stage follows whole', () => {
    const [closed, opened] = [planStages(plan).steps, planStages(plan, [decision(3, 'wait'), decision(6, 'open')])]
    expect(opened.ends).toEqual([6, 11])
    expect(opened.steps.slice(0, 6)).toEqual(closed.slice(0, 6))
    expect(opened.steps.slice(6).map(({ examples, stage: of }) => [of, examples])).toEqual(closed.slice(20).map(({ examples, stage: of }) => [of, examples]))
  })

  test('one that never opens goes on or ends the run, as it says', () => {
    expect(planStages(plan, [decision(20, 'advance')])).toEqual(planStages(plan))
    expect(planStages(plan, [decision(20, 'stop')]).ends).toEqual([20, 20])
    expect(planStages(plan, [decision(20, 'stop')]).steps).toHaveLength(20)
  })

  test('as trained: each step by what was decided before it, whatever is decided later', () => {
    const decay = planOf([GATED, { ...GATED, own: units(10, 10) }, HARD], {
      settings: { ...SETTINGS, schedule: 'linear' }, pacing: { gamma: 1, c0: 0.2, steps: null },
    })
    const decisions = [decision(3, 'wait'), decision(6, 'open'), decision(9, 'open', 1)]
    const trained = stepsAsTrained(decay, decisions)
    expect(trained.slice(0, 6)).toEqual(planStages(decay).steps.slice(0, 6))
    expect(trained.slice(6, 9)).toEqual(planStages(decay, decisions.slice(0, 2)).steps.slice(6, 9))
    expect(trained.slice(9)).toEqual(planStages(decay, decisions).steps.slice(9))
    expect(trained).toHaveLength(14)
    expect(trained[5]!.lr).not.toBe(planStages(decay, decisions).steps[5]!.lr)
    expect(trained.at(-1)!.lr).toBeCloseTo(0.5 / 14, 12)
  })
})

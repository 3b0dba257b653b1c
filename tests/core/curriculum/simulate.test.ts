// The simulation of a plan: figures by hand, and a warning for everything that looks wrong.
import { describe, expect, test } from 'vitest'
import { simulatePlan, type Candidate, type SimulationInput, type StepLoad } from '../../../src/core/pipeline/curriculum/index.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'

const planOf = (stages: object[], rest: object = {}) => planSchema.parse({ version: 1, name: 'made', stages, ...rest })
const candidate = (id: string, change: Partial<Candidate> = {}): Candidate =>
  ({ id, taskId: '0'.repeat(64), format: 'chat', file: 'f', method: 'react', tags: [], outcome: 'unknown', rank: 0, ...change })
const step = (stage: number, change: Partial<StepLoad> = {}): StepLoad =>
  ({ stage, tokens: 100, trainedTokens: 40, lr: 0.1, drawn: 4, replayed: 0, passes: [{ tokens: 60, rows: 9 }, { tokens: 40, rows: 30 }], cost: change.tokens ?? 100, ...change })
const content = (own: number[], change: object = {}) =>
  ({ recipe: 'sad' as const, own, trajectories: own.length, examples: own.length, earlier: 0, longest: 50, ...change })

const INPUT: SimulationInput = {
  plan: planOf([{ name: 'easy', gate: { actAccuracy: 0.5, every: 2, otherwise: 'advance' } }, { name: 'hard', replay: 0.2 }]),
  candidates: [candidate('aa'), candidate('bb'), candidate('cc')],
  values: [10, 20, 60],
  contents: [content([0, 1]), content([2], { earlier: 2 })],
  steps: [step(0), step(0, { lr: 0.2, passes: [{ tokens: 90, rows: 9 }] }), step(0, { tokens: 50, trainedTokens: 5 }), step(1, { replayed: 1, lr: 0.05 })],
  maxSteps: undefined,
  heldout: { tokens: 600, actTokens: 30, eachTokens: 300, tokenCost: 1 / 3, during: ({ from, to }) => Math.floor(to / 2) - Math.floor(from / 2) },
  rate: { tokensPerSecond: 50, of: 'this plan', from: 'given', run: null },
  before: 0,
  memoryOf: ({ passes }) => 1000 * Math.max(...passes.map(({ tokens }) => tokens)),
  entropyKnown: false,
}
const codes = (change: Partial<SimulationInput>): string[] => simulatePlan({ ...INPUT, ...change }).warnings.map(({ stage, code }) => `${stage ?? 'plan'} ${code}`)

test('figures by hand: steps, tokens, time of training and of measuring, memory of the largest pass', () => {
  const { stages, total, warnings } = simulatePlan(INPUT)
  expect(stages).toEqual([
    {
      name: 'easy', recipe: 'sad', trajectories: 2, examples: 2, longest: 50, steps: 3, tokens: 250, trainedTokens: 85, drawn: 12, replayed: 0,
      complexity: { least: 10, mean: 15, most: 20 }, lr: { first: 0.1, last: 0.1 }, gateChecks: 2, seconds: 5, peakMemoryBytes: 90_000,
      // One point of the curve and two measurements of the gate, at a third of the time.
      heldoutSeconds: (3 * 300) / 3 / 50,
    },
    {
      name: 'hard', recipe: 'sad', trajectories: 1, examples: 1, longest: 50, steps: 1, tokens: 100, trainedTokens: 40, drawn: 4, replayed: 1,
      complexity: { least: 60, mean: 60, most: 60 }, lr: { first: 0.05, last: 0.05 }, gateChecks: 0, seconds: 2, peakMemoryBytes: 60_000,
      heldoutSeconds: (1 * 300) / 3 / 50,
    },
  ])
  expect(total).toEqual({ steps: 4, tokens: 350, trainedTokens: 125, seconds: 7, heldoutSeconds: 8 + 1200 / 3 / 50, peakMemoryBytes: 90_000 })
  expect(warnings).toEqual([])
})

test('time by what steps cost: a stage of twice the cost takes twice the time, as given or as a plain run would be', () => {
  const steps = [step(0, { cost: 50 }), step(1, { cost: 100 })]
  const given = simulatePlan({ ...INPUT, steps })
  // 200 tokens at 50 a second, of which two thirds of the time in the second.
  expect(given.stages.map(({ seconds }) => seconds)).toEqual([expect.closeTo(4 / 3), expect.closeTo(8 / 3)])
  expect([given.total.seconds, given.rate]).toEqual([expect.closeTo(4), { tokensPerSecond: 50, from: 'given', run: null }])
  const known = simulatePlan({ ...INPUT, steps, rate: { tokensPerSecond: 75, of: 'a plain run', from: 'run', run: 'r' }, before: 30 })
  expect(known.stages.map(({ seconds }) => seconds)).toEqual([expect.closeTo(50 / 75), expect.closeTo(100 / 75)])
  // What shared beginnings save shows in the rate; scoring the plain student comes before.
  expect(known.rate?.tokensPerSecond).toBeCloseTo(100)
  expect(known.total.seconds).toBeCloseTo(180 / 75)
  expect(known.total.heldoutSeconds).toBeCloseTo(((0 + 1) * 300 / 3 + 1200 / 3 + (0 + 1) * 300 / 3) / 75, 0)
})

test('without a rate times are open, and without an estimate memory is', () => {
  const { stages, total, warnings } = simulatePlan({ ...INPUT, rate: null, memoryOf: () => null })
  expect([total.seconds, total.heldoutSeconds, total.peakMemoryBytes, stages[0]!.seconds, stages[1]!.peakMemoryBytes]).toEqual([null, null, null, null, null])
  expect(warnings.map(({ code }) => code)).toEqual(['rate-unknown'])
})

describe('warnings', () => {
  test('a stage that takes nothing, or whose recipe takes nothing', () => {
    const steps = INPUT.steps.filter(({ stage }) => stage === 0)
    expect(codes({ contents: [INPUT.contents[0]!, content([])], steps })).toEqual(['1 no-trajectories', '1 replay-without-earlier'])
    expect(codes({ contents: [INPUT.contents[0]!, content([2], { trajectories: 0, earlier: 2 })], steps })).toEqual(['1 no-trajectories'])
  })

  test('steps that the run cuts off', () => {
    const steps = INPUT.steps.slice(0, 2)
    expect(codes({ steps, maxSteps: 2 })).toEqual(['0 cut-off', '1 no-steps'])
  })

  test('replay without anything earlier', () => {
    expect(codes({ plan: planOf([{ name: 'a', replay: 0.3 }, { name: 'b', replay: 0.2 }]) })).toEqual(['0 replay-without-earlier'])
    expect(codes({ plan: planOf([{ name: 'a' }, { name: 'b', replay: 0.2 }]), contents: [content([0]), content([0, 1, 2])] })).toEqual(['1 replay-without-earlier'])
  })

  test('gates that cannot be measured, are measured only at the end, or end the run before later stages', () => {
    const gated = (gate: object) => planOf([{ name: 'a', gate: { actAccuracy: 0.5, every: 2, otherwise: 'advance', ...gate } }, { name: 'b' }])
    expect(codes({ plan: gated({}), heldout: { ...INPUT.heldout, actTokens: 0 } })).toEqual(['0 gate-unmeasurable'])
    expect(codes({ plan: gated({ every: 9 }) })).toEqual(['0 gate-never-checked'])
    expect(codes({ plan: gated({ otherwise: 'stop' }) })).toEqual(['0 never-reached'])
  })

  test('a mix that names what is not there, and leaves out what is; ids that are not there', () => {
    const candidates = [candidate('aa', { format: 'react' }), candidate('bb'), candidate('cc')]
    const mix = { by: 'format', shares: { chat: 1, none: 1 } }
    const found = simulatePlan({ ...INPUT, candidates, plan: planOf([{ name: 'a', mix, filter: { ids: ['a', 'x'] } }, { name: 'b' }]) }).warnings
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'ids-missing: no trajectory of the training side has the id x',
      'mix-group-missing: its mix names format none, of which it has no trajectory',
      'mix-group-left-out: its mix leaves out format react: 1 trajectory is not drawn',
    ])
  })

  test('entropy that is not known, pacing that the run is too short for', () => {
    const stages = [{ name: 'a' }, { name: 'b' }]
    const complexity = { metric: 'sad', g: 1 }
    expect(codes({ plan: planOf(stages, { complexity }) })).toEqual(['plan entropy-unknown'])
    expect(codes({ plan: planOf(stages, { complexity }), entropyKnown: true })).toEqual([])
    expect(codes({ plan: planOf(stages, { pacing: { gamma: 1, steps: 5 } }) })).toEqual(['plan pacing-too-long'])
    expect(codes({ plan: planOf(stages, { pacing: { gamma: 1, steps: 4 } }) })).toEqual([])
  })
})

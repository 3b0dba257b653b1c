// How long a ladder may take before any rung is done, against sums made by hand.
import { expect, test } from 'vitest'
import { forecastOf, type Measured } from '../../../src/core/evaluation/index.ts'
import { type LadderSpec, ladderArmSchema } from '../../../src/shared/records/ladder.ts'

const data = { form: 'agent' as const }
const ARMS = {
  prompt: { title: 'Prompt' },
  cot: { title: 'CoT', prompting: 'cot', train: { data: { form: 'cot' } } },
  sft: { title: 'sft', train: { data } },
  votes: { title: 'votes', like: 'sft', sag: { samples: 4 } },
  not: { title: 'not', notApplicable: 'so' },
} as const

const specOf = (names: readonly (keyof typeof ARMS)[], more: object = {}): LadderSpec =>
  ({
    arms: names.map((name) => ladderArmSchema.parse({ name, ...ARMS[name] })), tokens: 1000, seeds: [1], settings: { epochs: 1 }, teacher: null,
    tasks: [{ name: 'held-out', choice: { count: 10 } }, { name: 'ood', choice: { count: 30 } }], ...more,
  }) as unknown as LadderSpec

const NONE: Measured = { trainings: [], evaluations: [], besides: [] }
const row = (change: object = {}): Measured['evaluations'][number] => ({ prompting: 'agent', samples: 1, adapted: true, seconds: 2, ...change })
const told = (spec: LadderSpec, measured: Partial<Measured>, cost = () => 1) => forecastOf({ spec, cost, measured: { ...NONE, ...measured } })

test('nothing measured is nothing told; half of what a rung needs is too little', () => {
  expect(told(specOf(['prompt', 'sft']), {})).toBeNull()
  expect(told(specOf(['sft']), { trainings: [0.1] })).toBeNull()
  expect(told(specOf(['sft']), { evaluations: [row()] })).toBeNull()
  expect(told(specOf(['not']), { trainings: [0.1], evaluations: [row()] })).toBeNull()
})

test('tokens at the rates of trainings, tasks at the times of evaluations, from the least to the most', () => {
  // 1000 tokens at 0.1 to 0.3 s, 40 tasks at 2 to 5 s; weighing thoughts at most as long as the first set.
  expect(told(specOf(['sft']), { trainings: [0.1, 0.3], evaluations: [row(), row({ seconds: 5 })] })).toEqual({
    low: 100 + 80, high: 300 + 200 + 50, rungs: 1, unknown: [], basis: { trainings: 2, evaluations: 2 }, teaching: false,
  })
  // Settings that cost more, and two passes.
  expect(told(specOf(['sft'], { settings: { epochs: 2 } }), { trainings: [0.1], evaluations: [row()] }, () => 1.5)).toMatchObject({ low: 300 + 80 })
  // With each seed; thoughts are weighed with the first.
  expect(told(specOf(['sft', 'prompt'], { seeds: [1, 2, 3] }), { trainings: [0.1], evaluations: [row()] })).toMatchObject({ low: 3 * 180 + 80, high: 3 * 180 + 20 + 80, rungs: 4 })
})

test('a student is timed as it is asked: with an adapter or without, in words or as an agent; more samples at most in proportion', () => {
  const evaluations = [row(), row({ adapted: false, seconds: 7 })]
  expect(told(specOf(['prompt']), { evaluations })).toMatchObject({ low: 280, high: 280, basis: { trainings: 0, evaluations: 2 } })
  expect(told(specOf(['votes']), { evaluations })).toMatchObject({ low: 80, high: 4 * 280 })
  expect(told(specOf(['votes']), { evaluations: [...evaluations, row({ samples: 4, seconds: 3 })] })).toMatchObject({ low: 120, high: 120 })
  expect(told(specOf(['votes']), { evaluations: [row({ samples: 8, seconds: 4 })] })).toMatchObject({ low: 80, high: 160 })
})

test('rungs of which nothing alike was measured are named, and those that do not apply are not', () => {
  expect(told(specOf(['prompt', 'cot', 'not']), { trainings: [0.1], evaluations: [row({ adapted: false })] })).toMatchObject({ low: 80, rungs: 1, unknown: ['CoT'] })
})

test('what earlier rungs took beside that is in it, in proportion to their tokens at most', () => {
  const besides = [{ trained: true, weighed: true, tokens: 500, seconds: 30 }, { trained: false, weighed: false, tokens: null, seconds: 4 }]
  expect(told(specOf(['prompt', 'sft']), { trainings: [0.1], evaluations: [row()], besides })).toMatchObject({ low: 100 + 80 + 30 + 80 + 4, high: 100 + 80 + 60 + 80 + 4 })
})

test('what a teacher takes that is a model comes on top', () => {
  expect(told(specOf(['prompt'], { teacher: {} }), { evaluations: [row()] })).toMatchObject({ low: 80, teaching: true })
})

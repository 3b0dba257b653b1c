// The estimate of the time to the end, against a plan whose times are known.
import { expect, test } from 'vitest'
import { createEta } from '../../../src/engine/training/eta.ts'
import { scoringCost, tokenCost } from '../../../src/shared/tokenCost.ts'

const PLAIN = { recompute: false, base: 'f32', projectGradients: false, stayClose: 0, teacher: undefined } as const

test('steps by their cost, evaluations, samples and checkpoints that are still to come', () => {
  const costs = [100, 300, 200, 400, 100, 100]
  let measured: number | null = null
  const eta = createEta({
    costOf: (step) => costs[step]!,
    steps: costs.length,
    checkpointEvery: 2,
    samplesEvery: 3,
    scoringCost: 0.25,
    // Behind steps 2 and 4 of 50 tokens, at the end of 120.
    evaluations: { during: (done) => [2, 4].filter((step) => step >= done).length, duringTokens: 50, afterTokens: 120, secondsPerToken: () => measured },
  })
  expect(eta.seconds()).toBeNull()
  eta.stepDone({ step: 1, seconds: 2 })
  // Nothing was scored yet: a quarter of a token's time in training, by the model.
  expect(eta.seconds()).toBeCloseTo(0.02 * 1100 + 0.005 * 220)
  measured = 0.01
  eta.stepDone({ step: 2, seconds: 2 })
  // Four seconds for 400 tokens; the evaluation behind step 2 is still to come.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * (2 * 50 + 120))
  eta.saved(3)
  // Checkpoints of steps 4 and 6, and the one at the end.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * 220 + 3 * 3)
  eta.sampled(5)
  // Behind steps 3 and 6.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * 220 + 3 * 3 + 2 * 5)
  for (const seconds of [0, 4]) eta.waited(seconds)
  // Each of the four steps to come waits for its teacher as long as the two did on average.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * 220 + 3 * 3 + 2 * 5 + 4 * 2)
})

test('a stage to come that projects its gradients is taken at its cost, not at the rate of the stage before', () => {
  const costOf = (step: number): number => 100 * tokenCost({ ...PLAIN, projectGradients: step >= 2 })
  const evaluations = { during: () => 0, duringTokens: 0, afterTokens: 0, secondsPerToken: () => null }
  const eta = createEta({ costOf, steps: 4, checkpointEvery: 100, samplesEvery: 0, scoringCost: 0, evaluations })
  eta.stepDone({ step: 1, seconds: 1 })
  eta.stepDone({ step: 2, seconds: 1 })
  expect(eta.seconds()).toBeCloseTo(2 * tokenCost({ ...PLAIN, projectGradients: true }))
  // The machine turns out to be twice as slow there: measured steps correct it.
  for (const step of [3]) eta.stepDone({ step, seconds: 2 * tokenCost({ ...PLAIN, projectGradients: true }) })
  expect(eta.seconds()).toBeGreaterThan(tokenCost({ ...PLAIN, projectGradients: true }))
})

test('the model: a plain token is the unit, everything that is asked for costs, scoring is a part', () => {
  expect(tokenCost(PLAIN)).toBe(1)
  const one = [{ recompute: true }, { base: 'quantised' as const }, { projectGradients: true }, { stayClose: 0.1 }, { teacher: 'file' }]
  for (const change of one) expect(tokenCost({ ...PLAIN, ...change }), JSON.stringify(change)).toBeGreaterThan(1)
  const all = tokenCost({ recompute: true, base: 'quantised', projectGradients: true, stayClose: 0.1, teacher: 'file' })
  for (const change of one) expect(all).toBeGreaterThan(tokenCost({ ...PLAIN, ...change }))
  expect(scoringCost({ base: 'f32' })).toBeLessThan(scoringCost({ base: 'quantised' }))
  expect(scoringCost({ base: 'quantised' })).toBeLessThan(1)
})

// The estimate of the time to the end, against a plan whose times are known.
import { expect, test } from 'vitest'
import { createEta } from '../../../src/engine/training/eta.ts'
import type { MetricsLine } from '../../../src/shared/contract/metrics.ts'

const line = (step: number, tokens: number, seconds: number): MetricsLine =>
  ({ step, loss: 1, byKind: {}, actAccuracy: null, lr: 1, gradNorm: 1, tokens, trainedTokens: 1, seconds })

test('steps by their tokens, evaluations and checkpoints that are still to come', () => {
  const tokens = [100, 300, 200, 400, 100, 100]
  let measured: number | null = null
  const eta = createEta({
    tokensOf: (step) => tokens[step]!,
    steps: tokens.length,
    checkpointEvery: 2,
    // Behind steps 2 and 4 of 50 tokens, at the end of 120.
    evaluations: { during: (done) => [2, 4].filter((step) => step >= done).length, duringTokens: 50, afterTokens: 120, secondsPerToken: () => measured },
  })
  expect(eta.seconds()).toBeNull()
  eta.stepDone(line(1, 100, 2))
  expect(eta.seconds()).toBeCloseTo(0.02 * 1100)
  measured = 0.01
  eta.stepDone(line(2, 300, 2))
  // Four seconds for 400 tokens; the evaluation behind step 2 is still to come.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * (2 * 50 + 120))
  eta.saved(3)
  // Checkpoints of steps 4 and 6, and the one at the end.
  expect(eta.seconds()).toBeCloseTo(0.01 * 800 + 0.01 * 220 + 3 * 3)
})

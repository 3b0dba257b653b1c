// What a person is told before a run trains.
import { expect, test } from 'vitest'
import { createOutput } from '../../src/cli/output.ts'
import { watchTraining } from '../../src/cli/trainWatch.ts'
import type { Fit, Prepared } from '../../src/engine/training/index.ts'
import { fillSettings } from '../../src/engine/training/settings.ts'

const MEMORY = { base: 'f32', bytes: 2.34e9, recomputedBytes: 1.26e9, passTokens: 512, availableBytes: 8e9, of: 'machine' } as const

function told(memory: Partial<Fit['memory']> = {}, warning: string | null = null): string {
  let text = ''
  const stderr = { write: (piece: string) => (text += piece) }
  const out = createOutput({ stdout: { write: () => {} }, stderr, json: true, quiet: false, now: () => 0 })
  const prepared: Prepared = {
    recipe: 'made', examples: [], steps: 3, counts: { act: 5 }, tokens: 9, straddling: 1, longest: 100,
    left: [{ trajectoryId: 'abc', reason: 'a reason' }],
  }
  watchTraining(out, { signal: new AbortController().signal }).onPrepared('the-run', prepared, { settings: fillSettings({}), memory: { ...MEMORY, ...memory }, blocked: null, warning })
  return text
}

test('the run, its tokens, what is left out', () => {
  const text = told()
  expect(text).toContain('run the-run: 0 examples to train on, 0 held out, 3 steps; recipe made')
  expect(text).toContain('9 tokens, 5 of them trained (act 5); 1 tokens straddle two spans; the longest example has 100')
  expect(text).toContain('1 trajectory is left out, or not taken whole:\n  abc: a reason')
})

test('memory in the estimate\'s own numbers: the peak, what is free, and what recomputation would save where that is much', () => {
  const line = 'memory: at most about 2.3 GB for a largest pass of 512 tokens'
  expect(told()).toContain(`${line}, of 8.0 GB that are free; with --recompute about 1.3 GB, and more time`)
  expect(told({ recomputedBytes: 2.3e9 })).not.toContain('--recompute')
  expect(told({ recomputedBytes: null })).not.toContain('--recompute')
  expect(told({ of: 'card', availableBytes: 4e9 })).toContain(`${line}, of 4.0 GB that are free on the graphics card`)
  expect(told({ of: 'card', availableBytes: null })).toContain(`${line}; how much memory of the graphics card is free cannot be told, so nothing is compared`)
})

test('a run that is started although it does not fit says so first', () => {
  expect(told()).not.toContain('WARNING')
  expect(told({}, 'WARNING: too much')).toMatch(/WARNING: too much\n.*memory: at most/s)
})

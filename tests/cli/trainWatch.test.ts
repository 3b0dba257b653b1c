// What a person is told before a run trains.
import { expect, test } from 'vitest'
import { createOutput } from '../../src/cli/output.ts'
import { watchTraining } from '../../src/cli/trainWatch.ts'
import type { Prepared } from '../../src/engine/training/index.ts'
import { fillSettings } from '../../src/engine/training/settings.ts'

function told(longest: number, recompute: boolean): string {
  let text = ''
  const stderr = { write: (piece: string) => (text += piece) }
  const out = createOutput({ stdout: { write: () => {} }, stderr, json: true, quiet: false, now: () => 0 })
  const prepared: Prepared = {
    recipe: 'made', examples: [], steps: 3, counts: { act: 5 }, tokens: 9, straddling: 1, longest,
    left: [{ trajectoryId: 'abc', reason: 'a reason' }],
  }
  watchTraining(out, { signal: new AbortController().signal }).onPrepared('the-run', prepared, fillSettings({ recompute }))
  return text
}

test('the run, its tokens, what is left out', () => {
  const text = told(100, false)
  expect(text).toContain('run the-run: 0 examples to train on, 0 held out, 3 steps; recipe made')
  expect(text).toContain('9 tokens, 5 of them trained (act 5); 1 tokens straddle two spans; the longest example has 100')
  expect(text).toContain('1 trajectory is left out, or not taken whole:\n  abc: a reason')
})

test.each([
  [1024, false, false],
  [1025, false, true],
  [1025, true, false],
])('longest example %i, recompute %s: a note on memory: %s', (longest, recompute, noted) => {
  expect(told(longest, recompute).includes('--recompute')).toBe(noted)
})

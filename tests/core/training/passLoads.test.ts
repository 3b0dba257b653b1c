// What passes put through the graph, against the batches that the trainer makes of them.
import { expect, test } from 'vitest'
import { largestPasses, makeBatch, mostOf, passLoads, planSteps } from '../../../src/core/pipeline/training/index.ts'
import { madeExamples, TINY } from '../../support/tinyModel.ts'

const made = madeExamples([40, 25, 33, 12, 50, 18, 27, 44], { vocabulary: 23, seed: 3 })
// The second half goes on from one beginning; every example ends in what the environment wrote.
const examples = made.map((example, i) => ({
  ...example,
  ids: [...(i < 4 ? [] : made[4]!.ids.slice(0, 10)), ...example.ids].slice(0, example.ids.length),
  kinds: example.kinds.map((kind, t) => (t >= example.ids.length - 4 ? ('observe' as const) : kind)),
  ce: example.ce.map((weight, t) => (t >= example.ids.length - 4 ? 0 : weight)),
}))
const steps = planSteps(examples, { batchTokens: 120, microTokens: 70, epochs: 6, maxSteps: undefined, seed: 5, lr: 1, schedule: 'constant', warmupSteps: 0 })

test('tokens and rows of every pass are those of its batch; each tenth step also reports the environment', () => {
  expect(steps.length).toBeGreaterThan(10)
  for (const [index, step] of steps.entries()) {
    const batches = step.passes.map((pass) => {
      const sequences = pass.map((place) => examples[place]!)
      const shown = (sequence: number, token: number): boolean => index % 10 === 0 && sequences[sequence]!.kinds[token] === 'observe'
      return makeBatch({ config: TINY, sequences, weightOf: ({ sequence, token }) => (sequences[sequence]!.ce[token] === 0 && !shown(sequence, token) ? null : 1) })
    })
    expect(passLoads(index, step, examples)).toEqual(batches.map(({ feeds, targets }) => ({ tokens: feeds.get('ids')!.shape[0], rows: targets.length })))
  }
})

test('the largest are those that no other exceeds in both', () => {
  const [a, b, c] = [{ tokens: 10, rows: 5 }, { tokens: 8, rows: 9 }, { tokens: 8, rows: 4 }]
  expect(mostOf([c, a, b, a])).toEqual([a, b])
  expect(mostOf([])).toEqual([])
  const all = steps.flatMap((step, index) => passLoads(index, step, examples))
  const largest = largestPasses(steps, examples)
  expect(Math.max(...largest.map(({ tokens }) => tokens))).toBe(Math.max(...all.map(({ tokens }) => tokens)))
  expect(Math.max(...largest.map(({ rows }) => rows))).toBe(Math.max(...all.map(({ rows }) => rows)))
})

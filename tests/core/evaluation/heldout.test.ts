// Held-out figures: examples that overlap, as rewriting templates make them, count every token once.
import { expect, test } from 'vitest'
import { evaluateHeldout } from '../../../src/core/pipeline/evaluation/index.ts'
import { maskTrajectory, RECIPES } from '../../../src/core/pipeline/training/index.ts'
import { maskedExampleSchema, type MaskedExample } from '../../../src/shared/records/example.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import * as templates from '../../support/templates.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'
import { agent, environment, trajectoryOf, user } from '../../support/turns.ts'

const heldout = (examples: readonly MaskedExample[]) =>
  evaluateHeldout({ runtime: interpreterRuntime(tinyWeights()), config: TINY, adapter: null, examples, passTokens: 64, onProgress: async () => 'go' })

const [whole] = madeExamples([26], { vocabulary: TINY.vocabulary, seed: 4 }) as [MaskedExample]
const upTo = (length: number, own: number): MaskedExample => ({
  ...whole,
  ids: whole.ids.slice(0, length),
  kinds: whole.kinds.slice(0, length),
  parts: whole.parts.slice(0, length),
  steps: whole.steps.slice(0, length),
  ce: whole.ce.slice(0, length),
  kl: whole.kl.slice(0, length),
  own,
})

test('growing examples of one sequence, each with its own tokens: the figures of the sequence', async () => {
  const once = await heldout([whole])
  const split = await heldout([upTo(8, 0), upTo(15, 8), upTo(26, 15)])
  expect(split!.agent.tokens).toBe(whole.kinds.filter((kind, t) => t > 0 && kind !== 'context').length)
  expect(split!.agent.nll).toBeCloseTo(once!.agent.nll, 6)
  for (const [kind, mean] of Object.entries(once!.byKind)) {
    expect(split!.byKind[kind as 'act']?.tokens).toBe(mean.tokens)
    expect(split!.byKind[kind as 'act']?.nll).toBeCloseTo(mean.nll, 6)
  }
})

test('an example that owns nothing of interest is not run', async () => {
  const asked: number[] = []
  await evaluateHeldout({
    runtime: interpreterRuntime(tinyWeights()), config: TINY, adapter: null, examples: [upTo(8, 0), upTo(15, 15)], passTokens: 8,
    onProgress: async (_, total) => (asked.push(total), 'go'),
  })
  expect(new Set(asked)).toEqual(new Set([1]))
})

test('five agent turns of a template that rewrites: own tokens are those of each turn and what came since', () => {
  const thought = '<think>\nhm\n</think>\n\n'
  const turns = [user('q'), ...Array.from({ length: 5 }, (_, k) => [agent(`${thought}say ${k}`), environment(`seen ${k}`)]).flat()]
  const spans = turns.map(({ role, text }) => [
    { start: 0, end: text.length, kind: role === 'agent' ? ('reason' as const) : role === 'environment' ? ('observe' as const) : ('context' as const), rule: 'test' },
  ])
  const { examples } = maskTrajectory({ trajectory: trajectoryOf(turns), spans, recipe: RECIPES.sft, template: templates.forgetful, tokenizer: templates.chatTokenizer })
  expect(examples).toHaveLength(5)
  const owned = (kind: string) =>
    examples.map(({ example, rendering }) =>
      rendering.tokens.filter((_, i) => i >= example.own && example.kinds[i] === kind).map(({ start, end }) => rendering.text.slice(start, end)).join(''),
    )
  expect(owned('reason')).toEqual([0, 1, 2, 3, 4].map((k) => `${thought}say ${k}`))
  expect(owned('end')).toEqual(Array(5).fill('<|im_end|>'))
  // The last example ends with its agent turn; what the environment says after it is in none.
  expect(owned('observe').map((text) => text.trim())).toEqual(['', 'seen 0', 'seen 1', 'seen 2', 'seen 3'])
})

test('an example of an older file owns all of its tokens', () => {
  const { own: _, ...older } = whole
  expect(maskedExampleSchema.parse(older)).toEqual({ ...whole, own: 0 })
})

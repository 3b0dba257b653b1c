// The mask preview: shares, tokens made visible, reasons grouped; the recipes' weights as the trainer has them.
import { describe, expect, test } from 'vitest'
import { RECIPES } from '../../../src/core/pipeline/training/index.ts'
import { groupLeft, leftOutCount, leftOutReasons, piecesOf, segmentsOf, trainedIn, visibleText } from '../../../src/renderer/train/previewModel.ts'
import { KINDS, RECIPE_FACTS } from '../../../src/renderer/train/recipeFacts.ts'
import { obstacleOf, sortStudents } from '../../../src/renderer/train/students.ts'
import type { Model } from '../../../src/shared/contract/routes/models.ts'
import { tokenKindSchema } from '../../../src/shared/records/example.ts'
import { recipeNameSchema } from '../../../src/shared/records/recipe.ts'

describe('the recipes shown', () => {
  test('are all recipes, and all kinds of tokens have a place', () => {
    expect(RECIPE_FACTS.map(({ name }) => name).sort()).toEqual([...recipeNameSchema.options].sort())
    expect([...KINDS].sort()).toEqual([...tokenKindSchema.options].sort())
  })
  test.each(RECIPE_FACTS.map((facts) => [facts.name, facts] as const))('%s has the weights it trains with', (name, { weights }) => {
    const { end, ...shown } = weights
    const real = Object.entries(RECIPES[name].weights('text')).map(([kind, { ce, kl }]) => [kind, ce + kl])
    expect(shown).toEqual(Object.fromEntries(real))
    expect(end).toBe('turn')
  })
})

test('shares are of all tokens, in the order of the legend', () => {
  expect(segmentsOf({ act: 30, reason: 60, context: 10, final: 0 })).toEqual([
    { kind: 'reason', count: 60, share: 0.6 },
    { kind: 'act', count: 30, share: 0.3 },
    { kind: 'context', count: 10, share: 0.1 },
  ])
  expect(segmentsOf({})).toEqual([])
})

test('what cannot be seen has a sign', () => {
  expect(visibleText('a\n')).toBe('a⏎\n')
  expect(visibleText('\t')).toBe('⇥')
  expect(visibleText('')).toBe('∅')
})

test('a token is trained when either loss has a weight', () => {
  const token = { id: 1, text: 'x', kind: 'act' as const, step: 0, ce: 0, kl: 0 }
  const tokens = [token, { ...token, ce: 1.5 }, { ...token, kl: 1 }]
  expect(piecesOf(tokens).map(({ weight, trained }) => [weight, trained])).toEqual([[0, false], [1.5, true], [1, true]])
  expect(trainedIn(tokens)).toBe(2)
})

describe('trajectories left out', () => {
  test('are grouped by why, each once, and what is trained in part is not counted as left out', () => {
    const left = [
      { trajectoryId: 'a', reason: 'a#1 has 3482 tokens, the context holds 2048', why: 'too-long' as const, tokens: 3482 },
      { trajectoryId: 'a', reason: 'a#3 has 4482 tokens, the context holds 2048', why: 'too-long' as const, tokens: 4482 },
      { trajectoryId: 'b', reason: 'a reviewer rejected it', why: 'rejected' as const },
      { trajectoryId: 'c', reason: 'its first 2 steps do not fit', why: 'shortened' as const, part: true as const },
      { trajectoryId: 'd', reason: 'd#1 has no token with a loss weight', why: 'no-example' as const, part: true as const },
      { trajectoryId: 'e', reason: 'the template refuses it', why: 'refused' as const },
    ]
    expect(groupLeft(left).map(({ why, trajectories }) => [why, trajectories.map(({ trajectoryId }) => trajectoryId).join('')])).toEqual([
      ['rejected', 'b'], ['too-long', 'a'], ['refused', 'e'], ['shortened', 'c'], ['part', 'd'],
    ])
    expect(leftOutCount(left)).toBe(3)
    expect(leftOutReasons(left).map(({ why, count }) => [why, count])).toEqual([['rejected', 1], ['too-long', 1], ['refused', 1]])
  })
  test('of an older run are together when their reasons differ in their name and numbers alone', () => {
    const groups = groupLeft([
      { trajectoryId: '7cac65', reason: '7cac65 has 3482 tokens, the context holds 2048' },
      { trajectoryId: 'x', reason: 'it has no agent turn' },
      { trajectoryId: 'd7e563', reason: 'd7e563 has 13775 tokens, the context holds 2048' },
    ])
    expect(groups.map(({ reason, same, trajectories }) => [reason, same, trajectories.length])).toEqual([
      ['… has … tokens, the context holds …', false, 2],
      ['it has no agent turn', true, 1],
    ])
    expect(groups[0]?.trajectories[1]?.reason).toContain('13775')
  })
})

test('students that can be trained come first, small ones before large ones', () => {
  const model = (name: string, parameters: number, change: Partial<Model> = {}): Model => ({
    path: `/${name}`, name, bytes: 1, origin: 'folder', architecture: 'llama', parameters, quantisation: 'Q4_1', layers: 1, width: 1, vocabulary: 1,
    context: 1, chatTemplate: true, licence: null, notTrainable: null, broken: null, ...change,
  })
  const sorted = sortStudents([model('broken', 1, { broken: 'cut off' }), model('large', 9), model('foreign', 2, { notTrainable: 'mamba' }), model('small', 3)])
  expect(sorted.map(({ name }) => name)).toEqual(['small', 'large', 'broken', 'foreign'])
  expect(sorted.map(obstacleOf)).toEqual([null, null, 'cut off', 'mamba'])
})

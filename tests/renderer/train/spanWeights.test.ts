// The table of losses of kinds against the trainer's own recipes, which it does not know.
import { describe, expect, test } from 'vitest'
import { chosenRecipe, idleWeights } from '../../../src/core/pipeline/training/index.ts'
import { listens, spanRows, spanWeightsIn, SPAN_KINDS, weightKey } from '../../../src/renderer/train/spanWeights.ts'
import { recipeNameSchema } from '../../../src/shared/records/recipe.ts'
import type { SpanWeightSettings } from '../../../src/shared/records/run.ts'

const GIVEN: readonly SpanWeightSettings[] = [{}, { actKl: 0.5 }, { actCe: 3, reasonKl: 0 }, { finalCe: 0, finalKl: 2, actKl: 0.25 }, { reasonCe: 0.1, reasonKl: 1.5 }]
const cases = recipeNameSchema.options.flatMap((recipe) => GIVEN.map((own) => [recipe, own] as const))

describe('what a token weighs is what the trainer gives it', () => {
  test.each(cases)('%s with %o', (recipe, own) => {
    for (const teacher of [true, false]) {
      const wanted = chosenRecipe({ recipe, ...own }).weights(teacher ? 'distribution' : 'text')
      const rows = spanRows(recipe, { own, inherited: {}, teacher })
      for (const { kind, total } of rows) expect([kind, total]).toEqual([kind, wanted[kind]])
      if (teacher) expect(listens(rows)).toBe(Object.values(wanted).some(({ kl }) => kl > 0))
    }
  })
})

test('a kind is closed exactly where the trainer refuses weights for it', () => {
  for (const recipe of recipeNameSchema.options) {
    for (const { kind, trainable } of spanRows(recipe, { own: {}, inherited: {}, teacher: true })) {
      expect([recipe, kind, trainable]).toEqual([recipe, kind, idleWeights({ recipe, [weightKey(kind, 'ce')]: 1 }).length === 0])
    }
  }
})

test("a stage's weights come in place of the run's, which come in place of the recipe's", () => {
  const [reason, act, final] = spanRows('sad', { own: { actCe: 2 }, inherited: { actCe: 4, reasonKl: 0.5, finalCe: 3 }, teacher: true })
  expect(reason).toMatchObject({ kl: { own: null, otherwise: 0.5 }, total: { ce: 0, kl: 0.5 } })
  expect(act).toMatchObject({ ce: { own: 2, otherwise: 4 }, total: { ce: 2, kl: 0 } })
  expect(final).toMatchObject({ ce: { own: null, otherwise: 3 }, total: { ce: 3 } })
  expect(SPAN_KINDS).toHaveLength(3)
})

test('only weights are read from settings', () => {
  expect(spanWeightsIn({ actKl: 2, lr: 1, reasonCe: 'x' })).toEqual({ actKl: 2 })
})

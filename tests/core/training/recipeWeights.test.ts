// Loss weights of kinds that settings put in place of a recipe's own: SAD's l_r and l_a, KL on actions, CE on thoughts.
import { describe, expect, test } from 'vitest'
import { chosenRecipe, idleWeights, RECIPES } from '../../../src/core/pipeline/training/index.ts'
import { SPAN_WEIGHTS, trainSettingsSchema } from '../../../src/shared/records/run.ts'

const ce = (weight: number) => ({ ce: weight, kl: 0 })
const kl = (weight: number) => ({ ce: 0, kl: weight })

describe('with a teacher', () => {
  test('without weights of its own a recipe is what the table says', () => {
    expect(chosenRecipe({ recipe: 'sad' }).weights('distribution')).toEqual(RECIPES.sad.weights('distribution'))
    expect(RECIPES.sad.weights('distribution')).toEqual({ reason: kl(1), act: ce(1), final: ce(1), observe: ce(0), context: ce(0) })
  })

  test('SAD: l_r on thoughts, l_a on actions, and answers as actions', () => {
    expect(chosenRecipe({ recipe: 'sad', reasonKl: 0.5, actCe: 2 }).weights('distribution')).toMatchObject({ reason: kl(0.5), act: ce(2), final: ce(2) })
    // KL on ACT in place of CE, and beside it.
    expect(chosenRecipe({ recipe: 'sad', actCe: 0, actKl: 3 }).weights('distribution')).toMatchObject({ act: kl(3), final: kl(3) })
    expect(chosenRecipe({ recipe: 'sad', actKl: 0.25, reasonCe: 0.1 }).weights('distribution')).toMatchObject({ reason: { ce: 0.1, kl: 1 }, act: { ce: 1, kl: 0.25 } })
    expect(chosenRecipe({ recipe: 'sad', actCe: 2, finalCe: 5, finalKl: 0 }).weights('distribution')).toMatchObject({ act: ce(2), final: ce(5) })
  })

  test('other recipes keep the answer its own weight', () => {
    expect(chosenRecipe({ recipe: 'smartad', actCe: 3 }).weights('distribution')).toMatchObject({ reason: ce(1), act: ce(3), final: ce(2) })
    expect(chosenRecipe({ recipe: 'token', actCe: 3 }).weights('distribution')).toMatchObject({ act: ce(3), observe: ce(1), context: ce(1) })
  })
})

describe('without a teacher', () => {
  test('what would be trained towards it is trained towards the token, with the same weight, and is said to be', () => {
    const recipe = chosenRecipe({ recipe: 'sad', reasonKl: 0.5, actKl: 0.25, reasonCe: 0.1 })
    expect(recipe.weights('text')).toMatchObject({ reason: ce(0.6), act: ce(1.25), final: ce(1.25) })
    expect(recipe.label('text')).toBe('structured agent distillation (hard targets), reason CE 0.1, reason KL 0.5 (counts as CE), act KL 0.25 (counts as CE)')
    expect(recipe.label('distribution')).toBe('structured agent distillation, reason CE 0.1, reason KL 0.5, act KL 0.25')
    expect(chosenRecipe({ recipe: 'sad', reasonKl: 0, reasonCe: 1 }).label('text')).toBe('structured agent distillation, reason CE 1, reason KL 0')
    expect(RECIPES.sft.label('text')).toBe('plain SFT')
  })
})

test('recipes that weigh alike have one key, others have another', () => {
  const keys = [chosenRecipe({ recipe: 'sad' }), chosenRecipe({ recipe: 'sad', reasonKl: 0.5 }), chosenRecipe({ recipe: 'sad', reasonCe: 0.5 }), chosenRecipe({ recipe: 'sft', reasonCe: 0.5 })].map(({ key }) => key)
  expect(new Set(keys).size).toBe(4)
  expect(chosenRecipe({ recipe: 'sad', reasonKl: 0.5 }).key).toBe(keys[1])
})

test('weights of what a recipe never trains are found', () => {
  expect(idleWeights({ recipe: 'cot', actCe: 1, finalKl: 1, actKl: 0 })).toEqual(['actCe', 'actKl'])
  expect(idleWeights({ recipe: 'sad', actCe: 1, finalKl: 1 })).toEqual([])
})

test('a weight is a number from 0 to 1000', () => {
  for (const name of SPAN_WEIGHTS) {
    const { shape } = trainSettingsSchema
    expect([undefined, 0, 0.5, 1000].map((value) => shape[name].safeParse(value).success)).toEqual([true, true, true, true])
    expect([-1, 1001, Infinity, '1', null].map((value) => shape[name].safeParse(value).success)).toEqual([false, false, false, false, false])
  }
})

// The losses of a stage: read as far as they can be meant, and each taken away again; judged by the engine.
import { expect, test } from 'vitest'
import { stageSettings } from '../../../src/engine/training/stagedPlan.ts'
import { changeLoss, KNOWN_LOSSES, lossesIn } from '../../../src/renderer/curriculum/stageLosses.ts'
import { settingsShapeSchema, trainSettingsSchema } from '../../../src/shared/records/run.ts'
import { stageSchema } from '../../../src/shared/records/plan.ts'
import { DEFAULTS } from '../train/fixtures.ts'

const VALUES: Readonly<Record<string, string | number | boolean>> = { kl: 'jsd', projectGradients: true }

test('exactly those that the engine lets a stage have', () => {
  const settings = trainSettingsSchema.parse(DEFAULTS)
  for (const key of Object.keys(settingsShapeSchema.shape)) {
    const value = VALUES[key] ?? 0.5
    const stage = stageSchema.parse({ name: 'a', losses: { [key]: value } })
    const taken = (): unknown => stageSettings(settings, stage)[key as keyof typeof settings]
    if (KNOWN_LOSSES.includes(key)) expect([key, taken()]).toEqual([key, value])
    else expect(taken).toThrow()
  }
})

test('what cannot be meant is not read, and what is not known stays in the plan', () => {
  const losses = { kl: 'sideways', temperature: 2, actKl: -1, somethingNew: 3 }
  expect(lossesIn(losses)).toEqual({ temperature: 2 })
  expect(changeLoss(changeLoss(losses, 'kl', null), 'actKl', 1.5)).toEqual({ temperature: 2, actKl: 1.5, somethingNew: 3 })
})

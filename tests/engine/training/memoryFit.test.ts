// Whether a run fits into memory: what is chosen, what is refused and what is advised, by the memory there is.
import { expect, test } from 'vitest'
import { fitMemory, largestPass, memoryOfStudent } from '../../../src/engine/training/memoryFit.ts'
import { defaultSettings } from '../../../src/engine/training/settings.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'
import { madeExamples } from '../../support/tinyModel.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const settings = { ...defaultSettings(), microTokens: 256 }
const pass = { passTokens: 512, supervisedRows: 200 }

test('the largest pass is that of packed examples, or the longest example alone', () => {
  const examples = madeExamples([40, 60, 30], { vocabulary: 50, seed: 1 }).map((example) => ({ ...example, split: 'train' as const }))
  const trained = (index: number): number => examples[index]!.ce.filter((weight) => weight > 0).length
  expect(largestPass(examples, { ...settings, microTokens: 50 })).toEqual({ passTokens: 60, supervisedRows: trained(1) })
  expect(largestPass(examples, { ...settings, microTokens: 1000 })).toEqual({ passTokens: 130, supervisedRows: trained(0) + trained(1) + trained(2) })
  expect(largestPass(examples.map((example) => ({ ...example, split: 'heldout' as const })), settings)).toEqual({ passTokens: 0, supervisedRows: 0 })
})

test('a run that does not fit is refused with its largest pass, what it needs and what there is', () => {
  const path = join(temporaryFolder(), 'student.gguf')
  writeFileSync(path, familyModel({ architecture: 'llama' }))
  const { blocked, memory } = fitMemory(path, { settings, pass, availableBytes: 1e8 })
  expect(memory.bytes).toBeGreaterThan(1e8)
  expect(blocked).toMatchObject({ code: 'out-of-memory', where: 'its largest pass, of 512 tokens', expected: 'at most the 0.1 GB that are free' })
  expect(blocked?.advice).toMatch(/even --base quantised --recompute needs about/)
  expect(fitMemory(path, { settings, pass, availableBytes: 1e10 }).blocked).toBe(null)
  // A card has memory of its own.
  expect(fitMemory(path, { settings: { ...settings, provider: 'cuda' }, pass, availableBytes: 1e8 }).blocked).toBe(null)
  expect(() => fitMemory(path, { settings: { ...settings, provider: 'cuda', base: 'quantised' }, pass, availableBytes: 1e10 })).toThrow(/on the processor only/)
})

test.runIf(haveShared(SMOLLM2))('SmolLM2: float32 where it fits, else quantised; what is asked for is kept, with advice', () => {
  const path = sharedPath(SMOLLM2)
  const needs = memoryOfStudent(path)
  const [f32, quantised] = (['f32', 'quantised'] as const).map((base) => needs({ ...settings, base }, pass)) as [number, number]
  expect(quantised).toBeLessThan(f32)
  const between = (f32 + quantised) / 2
  const auto = { ...settings, base: 'auto' as const }
  expect(fitMemory(path, { settings: auto, pass, availableBytes: 2 * f32 }).settings.base).toBe('f32')
  const tight = fitMemory(path, { settings: auto, pass, availableBytes: between })
  expect([tight.settings.base, tight.memory.base, tight.blocked]).toEqual(['quantised', 'quantised', null])
  const asked = fitMemory(path, { settings: { ...settings, base: 'f32' }, pass, availableBytes: between })
  expect(asked.settings.base).toBe('f32')
  expect(asked.blocked?.advice).toMatch(/--recompute needs about|--base quantised needs about/)
})

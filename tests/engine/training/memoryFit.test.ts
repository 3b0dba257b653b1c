// Whether a run fits into memory: what is chosen, what is refused and what is advised, by the memory there is.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PassLoad } from '../../../src/core/pipeline/training/index.ts'
import { fitMemory, memoryOfStudent, needOf, planMemory, type DraftedRun } from '../../../src/engine/training/memoryFit.ts'
import { fillSettings } from '../../../src/engine/training/settings.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'
import { madeExamples } from '../../support/tinyModel.ts'

const SETTINGS = { ...fillSettings({ microTokens: 512, batchTokens: 2048 }), base: 'f32' } as TrainSettings
const sides = (train: readonly number[], heldout: readonly number[]): DraftedRun['examples'] =>
  madeExamples([...train, ...heldout], { vocabulary: 50, seed: 1 }).map((example, i) => ({ ...example, split: i < train.length ? ('train' as const) : ('heldout' as const) }))
const RUN: DraftedRun = { examples: sides([120, 200, 180, 90, 240], [300, 100]), settings: SETTINGS, plan: undefined, staged: null }
const runOf = (change: Partial<TrainSettings>): DraftedRun => ({ ...RUN, settings: { ...SETTINGS, ...change } })

function student(): string {
  const path = join(temporaryFolder(), 'student.gguf')
  writeFileSync(path, familyModel({ architecture: 'llama' }))
  return path
}

test('a run that does not fit is refused with its largest pass, what it needs and what there is', () => {
  const path = student()
  const { blocked, memory, warning } = fitMemory(path, RUN, 1e8)
  expect(memory).toMatchObject({ base: 'f32', availableBytes: 1e8, of: 'machine' })
  expect(memory.bytes).toBeGreaterThan(1e8)
  // 240 and 200 tokens fit into a pass of 512; each up to its last target, in whole parts.
  expect(memory.passTokens).toBeGreaterThan(400)
  expect(memory.passTokens).toBeLessThanOrEqual(512)
  expect(blocked).toMatchObject({ code: 'out-of-memory', where: `its largest pass, of ${memory.passTokens} tokens`, expected: 'at most the 0.1 GB that are free' })
  expect(blocked?.advice).toMatch(/^even .* needs about .*--allow-memory-overrun starts it all the same$/)
  expect(warning).toMatch(/^WARNING: this run is estimated to need 0\.\d GB of memory where 0\.1 GB are free/)
  expect(fitMemory(path, RUN, 1e10)).toMatchObject({ blocked: null, warning: null })
})

test('smaller passes are advised first where they suffice, down to the longest example', () => {
  const path = student()
  const bytesAt = (microTokens: number): number => fitMemory(path, runOf({ microTokens }), 1e10).memory.bytes
  expect(bytesAt(256)).toBeLessThan(bytesAt(512))
  const { blocked } = fitMemory(path, RUN, (bytesAt(256) + bytesAt(512)) / 2)
  expect(blocked?.advice).toMatch(/^--micro-tokens 256 needs about/)
  // From whatever was asked for, however far above the largest pass.
  expect(fitMemory(path, runOf({ microTokens: 60_000 }), (bytesAt(256) + bytesAt(512)) / 2).blocked?.advice).toMatch(/^--micro-tokens \d+ needs about/)
  // Examples are not cut: below the longest nothing is gained.
  const most = runOf({ microTokens: 256 })
  expect(fitMemory(path, most, bytesAt(256) - 1).blocked?.advice).not.toMatch(/--micro-tokens (64|32|16)/)
})

test('a card: its own memory, and where nothing tells how much is free nothing is compared', () => {
  const path = student()
  expect(fitMemory(path, runOf({ provider: 'cuda' }), 1e8).blocked).toMatchObject({ message: "this run does not fit into the graphics card's memory" })
  expect(fitMemory(path, runOf({ provider: 'cuda' }), 1e8).blocked?.advice).not.toContain('quantised')
  expect(fitMemory(path, runOf({ provider: 'webgpu' }))).toMatchObject({ memory: { of: 'card', availableBytes: null }, blocked: null })
  expect(() => fitMemory(path, runOf({ provider: 'cuda', base: 'quantised' }), 1e10)).toThrow(/on the processor only/)
})

test('everything that a run does beside its plain passes takes memory in the estimate', () => {
  const path = student()
  const bytes = (change: Partial<TrainSettings>): number => fitMemory(path, runOf(change), 1e12).memory.bytes
  const plain = bytes({})
  for (const change of [{ stayClose: 0.1 }, { teacher: 'file' }, { projectGradients: true }, { samplesEvery: 5 }, { heldoutEvery: 5 }]) {
    expect(bytes(change), JSON.stringify(change)).toBeGreaterThan(plain)
  }
  expect(bytes({ recompute: true })).toBe(fitMemory(path, RUN, 1e12).memory.recomputedBytes)
})

test('a plan is estimated as its runs are: the same figure for the same passes, with the losses of its stages', () => {
  const path = student()
  const plan = planSchema.parse({ version: 1, name: 'made', stages: [{ name: 'plain' }, { name: 'close', losses: { stayClose: 0.2, projectGradients: true } }] })
  const all = RUN.examples.flatMap(({ split }, i) => (split === 'train' ? [{ examples: [i], rank: 0, group: null }] : []))
  const staged = { stages: [{ recipe: 'sad' as const, own: all, earlier: [] }, { recipe: 'sad' as const, own: all, earlier: [] }] }
  const whole = fitMemory(path, { ...RUN, plan, staged }, 1e12).memory.bytes
  const passes: PassLoad[] = [{ tokens: 448, rows: 300 }]
  const ofStage = (change: Partial<TrainSettings>) => planMemory(path)(needOf(RUN, { settings: SETTINGS, stages: [{ ...SETTINGS, ...change }], passes, gated: false }))!
  expect(ofStage({ stayClose: 0.2, projectGradients: true })).toBeGreaterThan(ofStage({}))
  expect(whole).toBeGreaterThan(fitMemory(path, RUN, 1e12).memory.bytes)
  const need = needOf(RUN, { settings: SETTINGS, stages: [SETTINGS], passes, gated: false })
  expect(planMemory(path)(need)).toBe(memoryOfStudent(path)(need).bytes)
  expect(planMemory('/no/such/file')).toBeTypeOf('function')
})

test.runIf(haveShared(SMOLLM2))('SmolLM2: float32 where it fits, else quantised; what is asked for is kept, with advice', () => {
  const path = sharedPath(SMOLLM2)
  const [f32, quantised] = (['f32', 'quantised'] as const).map((base) => fitMemory(path, runOf({ base }), 1e12).memory.bytes) as [number, number]
  expect(quantised).toBeLessThan(f32)
  const between = (f32 + quantised) / 2
  expect(fitMemory(path, runOf({ base: 'auto' }), 2 * f32).settings.base).toBe('f32')
  const tight = fitMemory(path, runOf({ base: 'auto' }), between)
  expect([tight.settings.base, tight.memory.base, tight.blocked]).toEqual(['quantised', 'quantised', null])
  const asked = fitMemory(path, RUN, between)
  expect(asked.settings.base).toBe('f32')
  expect(asked.blocked?.advice).toMatch(/needs about/)
})

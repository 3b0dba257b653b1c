// What a run does by itself when things go wrong, and what it leaves behind: the guard, early stopping, the best, samples, alerts, environment.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseAdapter } from '../../../src/engine/training/chooseAdapter.ts'
import { readAlerts } from '../../../src/engine/training/alertLog.ts'
import { exportRun } from '../../../src/engine/training/exportRun.ts'
import { readHeldout, readMetrics, readRunConfig, runFiles } from '../../../src/engine/training/runFolder.ts'
import { readSamples } from '../../../src/engine/training/sampling.ts'
import { fillSettings } from '../../../src/engine/training/settings.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import { openSmallDisk } from '../../support/smallDisk.ts'
import { attempt, makeTinyRun, outcomeOf, removeFolder, scratch } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))
const newRun = (name: string, settings: Partial<TrainSettings>): string => makeTinyRun(join(home, name), settings)
const checkpointSteps = (dir: string): number[] =>
  readdirSync(runFiles(dir).checkpoints).map((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1])).sort((a, b) => a - b)
const told = (dir: string): string[] => readAlerts(dir).map(({ type, step }) => `${type} ${step}`)

describe('a learning rate that drives every number out of range', () => {
  const SETTINGS = { lr: 1e36, clipNorm: 0, schedule: 'constant', warmupSteps: 0, maxSteps: 30, heldoutEvery: 4 } as const
  test('the run leaves steps out, halves, ends with the reason, and has saved its state; going on says the same again, once', async () => {
    const dir = newRun('diverged', SETTINGS)
    const first = await attempt(dir)
    expect(first).toMatchObject({ ended: 'failed', code: 'diverged' })
    const types = readAlerts(dir).flatMap(({ type }) => (type === 'heldout-skip' ? [] : [type]))
    // What is measured on the way is not finite either: it is left out, and the file stays one that can be read.
    expect(told(dir)).toContain('heldout-skip 4')
    expect(readHeldout(dir).series!.map(({ step }) => step)).toEqual([0])
    expect(types.filter((type) => type === 'nan-skip')).toHaveLength(5)
    expect(types.filter((type) => type === 'lr-halved')).toHaveLength(3)
    expect(types.at(-1)).toBe('diverged')
    const done = readMetrics(dir).length
    expect(checkpointSteps(dir).at(-1)).toBe(done)
    expect(readMetrics(dir).slice(-5).map(({ loss, gradNorm }) => [loss, gradNorm])).toEqual(Array.from({ length: 5 }, () => [null, null]))
    const before = told(dir)
    expect(await attempt(dir)).toMatchObject({ ended: 'failed', code: 'diverged' })
    expect(told(dir).slice(0, before.length)).toEqual(before)
    expect(new Set(told(dir)).size).toBe(told(dir).length)
  })
})

describe('early stopping', () => {
  /** Random tokens cannot be learned but by heart: the held-out loss falls until step 20, then it rises. */
  const SETTINGS = { lr: 2e-2, schedule: 'constant', heldoutEvery: 4, earlyStop: 'loss', patience: 3 } as const
  let dir: string
  beforeAll(async () => {
    dir = newRun('early', SETTINGS)
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null, summary: { steps: 32, best: { step: 20, on: 'loss' } } })
  })

  test('ends it, says why, and keeps the best beside the last', () => {
    expect(told(dir)).toEqual(['early-stop 32'])
    const result = JSON.parse(readFileSync(runFiles(dir).result, 'utf8')) as { endedEarly: string; best: { value: number }; bestAdapter: string | null }
    expect(result.endedEarly).toMatch(/^3 evaluations in a row brought no gain over a held-out loss of \d+\.\d{4} nats a token after step 20$/)
    expect(result.best.value).toBe(readHeldout(dir).series!.find(({ step }) => step === 20)!.result.agent.nll)
    expect(checkpointSteps(dir)).toEqual([0, 20, 30, 32])
    expect(result.bestAdapter).not.toBeNull()
    expect(readFileSync(runFiles(dir).bestAdapter)).not.toEqual(readFileSync(runFiles(dir).adapter))
  })

  test('export and chat take the best unless the last is asked for', async () => {
    const config = readRunConfig(dir)
    const files = runFiles(dir)
    expect([undefined, 'best', 'last'].map((which) => chooseAdapter(dir, config, which as 'best' | undefined))).toEqual([
      { path: files.bestAdapter, which: 'best', step: 20 },
      { path: files.bestAdapter, which: 'best', step: 20 },
      { path: files.adapter, which: 'last', step: 32 },
    ])
    const out = join(home, 'exported.gguf')
    expect(await exportRun({ dir, to: 'gguf-lora', which: undefined, out })).toMatchObject({ which: 'best', step: 20 })
    expect(readFileSync(out)).toEqual(readFileSync(files.bestAdapter))
  })

  test('the same run that ends after twenty steps has just this adapter', async () => {
    const short = newRun('twenty', { lr: SETTINGS.lr, heldoutEvery: 4, schedule: 'constant', maxSteps: 20 })
    await attempt(short)
    expect(readFileSync(runFiles(dir).bestAdapter)).toEqual(readFileSync(runFiles(short).adapter))
    expect(existsSync(runFiles(short).bestAdapter)).toBe(false)
    expect(chooseAdapter(short, readRunConfig(short), 'best')).toMatchObject({ which: 'best', path: runFiles(short).adapter })
  })

  test('killed on the way, it ends at the same step with the same best', async () => {
    const run = newRun('early-killed', SETTINGS)
    for (const at of [4, 21, 32]) {
      const { ended } = await attempt(run, (trainer, event) => event?.type === 'step' && event.metrics.step === at && trainer.kill())
      if (ended === 'finished') break
    }
    await attempt(run)
    const [one, other] = [outcomeOf(run), outcomeOf(dir)]
    expect([one.series, one.heldout, one.adapter]).toEqual([other.series, other.heldout, other.adapter])
    expect(readFileSync(runFiles(run).bestAdapter)).toEqual(readFileSync(runFiles(dir).bestAdapter))
    expect(told(run)).toEqual(told(dir))
  })

  test('needs evaluations: they come by themselves, and are not switched off silently', () => {
    expect(fillSettings({ earlyStop: 'act' })).toMatchObject({ heldoutEvery: 10 })
    expect(fillSettings({ earlyStop: 'act', heldoutEvery: 3 })).toMatchObject({ heldoutEvery: 3 })
    expect(() => fillSettings({ earlyStop: 'act', heldoutEvery: 0 })).toThrow(expect.objectContaining({ code: 'bad-settings', where: 'heldoutEvery' }))
    expect(() => fillSettings({ earlyStop: 'loss', heldout: 0 })).toThrow(expect.objectContaining({ code: 'bad-settings', where: 'heldout' }))
  })

  test('a run without a curve has no best but its end; asking for the best of one that has begun is refused', async () => {
    const plain = newRun('plain', { maxSteps: 6 })
    await attempt(plain, (trainer, event) => event?.type === 'step' && event.metrics.step === 2 && trainer.stop())
    expect(() => chooseAdapter(plain, readRunConfig(plain), 'best')).toThrow(expect.objectContaining({ code: 'no-best' }))
    await attempt(plain)
    expect(chooseAdapter(plain, readRunConfig(plain), undefined)).toMatchObject({ which: 'last', step: 6 })
  })
})

describe('samples', () => {
  const SETTINGS = { maxSteps: 12, samplesEvery: 5, samplePrompts: 2 } as const

  test('every fifth step both prompts are answered through llama.cpp, and the training is the same as without', async () => {
    const [with_, without] = [newRun('samples', SETTINGS), newRun('no-samples', { maxSteps: 12 })]
    const run = await attempt(with_)
    await attempt(without)
    expect(run.error).toBeNull()
    expect(told(with_)).toEqual([])
    const samples = readSamples(with_)
    expect(samples.map(({ step }) => step)).toEqual([5, 5, 10, 10])
    expect(samples[0]!.id).toBe(samples[2]!.id)
    for (const { promptTokens, tokens, reference } of samples) expect([promptTokens > 0, tokens > 0, reference !== '']).toEqual([true, true, true])
    expect(run.events.filter((event) => event.type === 'samples')).toHaveLength(2)
    const [one, other] = [outcomeOf(with_), outcomeOf(without)]
    expect([one.series, one.adapter]).toEqual([other.series, other.adapter])
    expect(readdirSync(with_).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('killed behind the first ones, they are there once', async () => {
    const dir = newRun('samples-killed', SETTINGS)
    await attempt(dir, (trainer, event) => event?.type === 'step' && event.metrics.step === 7 && trainer.kill())
    await attempt(dir)
    expect(readSamples(dir).map(({ step }) => step)).toEqual([5, 5, 10, 10])
  })
})

test('environment.json says what a run was trained with', async () => {
  const dir = newRun('environment', { maxSteps: 3 })
  await attempt(dir)
  const [only, ...others] = JSON.parse(readFileSync(runFiles(dir).environment, 'utf8')) as Record<string, unknown>[]
  expect(others).toEqual([])
  expect(only).toMatchObject({ fromStep: 0, node: process.versions.node, platform: process.platform, arch: process.arch, threads: 2 })
  for (const key of ['app', 'onnxruntime']) expect(only![key], key).toMatch(/^\d+\.\d+\.\d+/)
  expect(only!['cpu']).not.toBe('')
})

test('a full disk ends the run with what to do, harms nothing, and the rest comes to the same end', async () => {
  const disk = openSmallDisk(join(home, 'disk'))
  try {
    if (disk.kind === 'none') return console.warn('NOT TESTED: a full disk. This process may neither mount a tmpfs nor set a limit with prlimit.')
    const [dir, other] = [makeTinyRun(join(disk.folder, 'full')), newRun('roomy', {})]
    const run = await attempt(dir, (_, event) => event?.type === 'step' && event.metrics.step === 7 && disk.fill(dir, 5000))
    expect(run).toMatchObject({ ended: 'failed', code: 'disk-full' })
    expect(run.error).toContain('make room, then go on with the run')
    expect(run.events.filter((event) => event.type === 'alert').map(({ alert }) => alert.type)).toEqual(['disk-full'])
    disk.empty()
    rmSync(join(disk.folder, 'ballast'), { force: true })
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    await attempt(other)
    const [one, two] = [outcomeOf(dir), outcomeOf(other)]
    expect([one.series, one.heldout, one.adapter]).toEqual([two.series, two.heldout, two.adapter])
  } finally {
    disk.dispose()
  }
})

// Execution providers: self-tests in processes of their own, verdicts, choices, and a native library loaded from elsewhere.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundledBinding } from '../../../src/engine/runtime/nativePackage.ts'
import { cudaLibraries } from '../../../src/engine/runtime/providers/cudaLibraries.ts'
import { chooseProvider, fastest, named, pickFastest } from '../../../src/engine/runtime/providers/choose.ts'
import { examineProvider, lacksOf, verdict } from '../../../src/engine/runtime/providers/examine.ts'
import { PROVIDERS } from '../../../src/engine/runtime/providers/table.ts'
import { testInProcess, type TestOutcome } from '../../../src/engine/runtime/providers/testProcess.ts'
import { featuresNeeded, wishedProvider } from '../../../src/engine/training/runProvider.ts'
import { defaultSettings } from '../../../src/engine/training/settings.ts'
import { trainingFeatureSchema, type ProviderStatus, type TrainingFeature } from '../../../src/shared/contract/providers.ts'
import type { Compute, ProviderName } from '../../../src/shared/records/provider.ts'
import { temporaryFolder } from '../../support/folder.ts'

const signal = new AbortController().signal
const ALL = trainingFeatureSchema.options
/** With everything that a run may ask of a provider. */
const selfTest = (provider: ProviderName, compute: Compute, dataFolder: string, timeoutMs = 120_000): Promise<TestOutcome> =>
  testInProcess({ provider, compute, features: ALL, speed: false, threads: 1 }, { place: { dataFolder, env: process.env }, signal, timeoutMs })

describe('the self-test', () => {
  test('of the cpu: the same numbers', async () => {
    const { compared, failure } = await selfTest('cpu', 'f32', temporaryFolder())
    expect(failure).toBeNull()
    expect(compared?.agreement).toMatchObject({ loss: 0, gradient: 0 })
  })

  test('of the cpu in half precision: other numbers, within what its rounding allows', async () => {
    const { compared, failure } = await selfTest('cpu', 'f16', temporaryFolder())
    expect(failure).toBeNull()
    const { loss, gradient, tolerance } = compared!.agreement
    expect(gradient).toBeGreaterThan(1e-5)
    expect(gradient).toBeLessThan(tolerance.gradient)
    expect(loss).toBeLessThan(tolerance.loss)
  })

  test('of a library that crashes its process: a reason, and the caller lives', async () => {
    const data = temporaryFolder()
    const folder = cudaLibraries(data)
    cpSync(dirname(bundledBinding()), folder, { recursive: true })
    writeFileSync(join(folder, 'onnxruntime_binding.node'), 'no library at all')
    const { compared, failure } = await selfTest('cuda', 'f32', data)
    expect(compared).toBeNull()
    expect(failure).toMatch(/its process died: exit code 1/)
  })

  test('of one that hangs: it ends in time', async () => {
    expect((await selfTest('cpu', 'f32', temporaryFolder(), 50)).failure).toBe('no result within 0.05 s')
  })

  test('aborted: it rejects', async () => {
    const stopping = new AbortController()
    const tested = testInProcess({ provider: 'cpu', compute: 'f32', features: [], speed: true, threads: 1 }, { place: { dataFolder: temporaryFolder(), env: {} }, signal: stopping.signal, timeoutMs: 120_000 })
    setTimeout(() => stopping.abort(), 200)
    await expect(tested).rejects.toMatchObject({ name: 'AbortError' })
  })
})

test.runIf(process.platform === 'linux')('a copy of the native library in a data folder: ONNX Runtime runs, and looks for providers there', async () => {
  const data = temporaryFolder()
  cpSync(dirname(bundledBinding()), cudaLibraries(data), { recursive: true })
  const { compared, failure } = await selfTest('cuda', 'f32', data)
  expect(compared).toBeNull()
  expect(failure).toContain(join(cudaLibraries(data), 'libonnxruntime_providers_shared.so'))
})

/** Of Debian's chromium: a Vulkan driver in software, and a loader. */
const SOFTWARE = '/usr/lib/chromium/vk_swiftshader_icd.json'
const haveSoftware = existsSync(SOFTWARE) && existsSync(join(dirname(SOFTWARE), 'libvulkan.so.1'))

describe('WebGPU on a software driver', () => {
  beforeAll(() => {
    if (!haveSoftware) console.warn(`WEBGPU WAS NOT TESTED: there is no ${SOFTWARE} on this machine (Debian: apt-get install chromium)`)
  })

  test.runIf(haveSoftware)('loss and all gradients are those of the cpu; nodes without a kernel are named', async () => {
    const env = { VK_ICD_FILENAMES: SOFTWARE, LD_LIBRARY_PATH: [dirname(SOFTWARE), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':') }
    const kept = { ...process.env }
    Object.assign(process.env, env)
    try {
      const { compared, failure } = await selfTest('webgpu', 'f32', temporaryFolder(), 170_000)
      expect(failure).toBeNull()
      expect(compared!.agreement.gradient).toBeLessThan(1e-4)
      expect(compared!.agreement.loss).toBeLessThan(1e-5)
      const ops = compared!.onCpu.map(({ op }) => op)
      expect(ops).toContain('Loop')
      expect(ops).not.toContain('Gemm')
    } finally {
      for (const name of Object.keys(env)) {
        if (kept[name] === undefined) delete process.env[name]
        else process.env[name] = kept[name]
      }
    }
  })
})

const agreement = { loss: 1e-6, gradient: 1e-5, worst: 'blk.0.attn_q.weight.lora_a', tolerance: { loss: 1e-4, gradient: 1e-3 } }
const judged = (outcome: Partial<TestOutcome>, cpuSpeed = 100): ProviderStatus =>
  verdict({ name: 'webgpu', compute: 'f32', cpuSpeed, outcome: { compared: { agreement, onCpu: [] }, tokensPerSecond: 200, failure: null, ...outcome } })

test('verdicts', () => {
  expect(judged({})).toMatchObject({ state: 'works', reason: null })
  expect(judged({ tokensPerSecond: 80 })).toMatchObject({ state: 'slower', reason: 'right, but 80 tokens/s where the cpu makes 100' })
  expect(judged({ tokensPerSecond: null, failure: 'no result within 180 s' })).toMatchObject({ state: 'slower' })
  const wrong = judged({ compared: { agreement: { ...agreement, gradient: 1.35 }, onCpu: [] } })
  expect(wrong).toMatchObject({ state: 'wrong', enable: null })
  expect(wrong.reason).toContain('gradient of blk.0.attn_q.weight.lora_a 1.4e+0')
  expect(judged({ compared: null, failure: 'its process died: signal SIGSEGV' })).toMatchObject({ state: 'failed', reason: 'its process died: signal SIGSEGV', enable: PROVIDERS.webgpu.enable })
  expect(fastest([judged({ tokensPerSecond: 80 }), { ...judged({}), name: 'cuda', tokensPerSecond: 300 }, judged({})])).toBe('cuda')
  expect(fastest([judged({ tokensPerSecond: 80 })])).toBe('cpu')
})

describe('a provider that lacks a feature', () => {
  const right: TestOutcome = { compared: { agreement, onCpu: [] }, tokensPerSecond: null, failure: null }
  const wrong: TestOutcome = { ...right, compared: { agreement: { ...agreement, gradient: 0.3 }, onCpu: [] } }
  /** Of one that computes something else where these are in the graph. */
  const asked = (fails: (features: readonly TrainingFeature[]) => TestOutcome | null) => {
    const questions: (readonly TrainingFeature[])[] = []
    const ask = async (features: readonly TrainingFeature[]): Promise<TestOutcome> => {
      questions.push(features)
      return fails(features) ?? right
    }
    return { questions, lacks: () => lacksOf(ask) }
  }

  test('none: one test of all together', async () => {
    const { questions, lacks } = asked(() => null)
    expect(await lacks()).toEqual([])
    expect(questions).toEqual([ALL])
  })

  test('the one that is wrong or ends the process is named with the reason, the others are not', async () => {
    const { lacks } = asked((features) => (features.includes('dropout') ? wrong : null))
    expect(await lacks()).toEqual([{ feature: 'dropout', reason: expect.stringMatching(/something else than the cpu.*3\.0e-1.*allowed/) }])
    const died = { compared: null, tokensPerSecond: null, failure: 'its process died: signal SIGSEGV' }
    const crash = asked((features) => (features.includes('full') ? died : null))
    expect(await crash.lacks()).toEqual([{ feature: 'full', reason: 'its process died: signal SIGSEGV' }])
  })

  test('wrong only together: none of them is trusted', async () => {
    const { lacks } = asked((features) => (features.length > 1 ? wrong : null))
    expect((await lacks()).map(({ feature }) => feature)).toEqual(ALL)
  })

  test('a run that needs it goes elsewhere and says so; others still use it', () => {
    const card: ProviderStatus = { ...judged({}), name: 'cuda', tokensPerSecond: 900, lacks: [{ feature: 'distributions', reason: 'gradient 3.0e-1' }] }
    const all = [{ ...judged({}), name: 'cpu' as const, tokensPerSecond: 100 }, card, judged({})]
    expect(pickFastest(all, ['dropout'])).toEqual({ name: 'cuda', passedOver: null })
    const { name, passedOver } = pickFastest(all, ['distributions'])
    expect(name).toBe('webgpu')
    expect(passedOver).toMatch(/^cuda is passed over for this run, which goes to webgpu: losses against distributions .* gradient 3\.0e-1$/)
    expect(named(card, ['recompute'])).toBe('cuda')
    expect(() => named(card, ['distributions'])).toThrow(expect.objectContaining({ code: 'provider-unusable', found: expect.stringContaining('losses against distributions') }))
  })

  test('what settings need', () => {
    const plain = defaultSettings()
    expect(featuresNeeded([plain])).toEqual([])
    expect(featuresNeeded([{ ...plain, dropout: 0.1 }, { ...plain, stayClose: 0.2 }])).toEqual(['distributions', 'dropout'])
    expect(featuresNeeded([{ ...plain, recompute: true, teacher: 'file.topk' }])).toEqual(['distributions', 'recompute'])
  })
})

describe('examinations', () => {
  const examination = (cacheDir: string) => ({ dataFolder: cacheDir, cacheDir, env: {}, signal })

  test('are kept until the machine changes', async () => {
    const cache = temporaryFolder()
    const first = await examineProvider('cpu', examination(cache))
    expect(first).toMatchObject({ state: 'works' })
    expect(await examineProvider('cpu', examination(cache))).toEqual(first)
    const kept = JSON.parse(readFileSync(join(cache, 'providers.json'), 'utf8')) as { key: string }
    writeFileSync(join(cache, 'providers.json'), JSON.stringify({ ...kept, key: 'another driver' }))
    expect((await examineProvider('cpu', examination(cache))).testedAt).not.toBe(first.testedAt)
  })

  test('a provider of another platform or without its libraries is named with the reason, and refused as a choice', async () => {
    const cache = temporaryFolder()
    const elsewhere: ProviderName = process.platform === 'win32' ? 'coreml' : 'dml'
    expect(await examineProvider(elsewhere, examination(cache))).toMatchObject({ state: 'elsewhere', testedAt: null })
    await expect(chooseProvider(elsewhere, examination(cache))).rejects.toMatchObject({ code: 'provider-unusable' })
    expect(await chooseProvider('cpu', examination(cache))).toBe('cpu')
  })
})

test('a run goes on where it was started, unless told otherwise', () => {
  const run = { id: 'r', settings: { ...defaultSettings(), provider: 'cuda' as const } }
  expect(wishedProvider(run, {})).toEqual({ provider: 'cuda', changed: false })
  expect(wishedProvider(run, { provider: 'cuda' })).toEqual({ provider: 'cuda', changed: false })
  expect(() => wishedProvider(run, { provider: 'cpu' })).toThrow(/goes on where it was started/)
  expect(wishedProvider(run, { provider: 'cpu', changeProvider: true })).toEqual({ provider: 'cpu', changed: true })
})

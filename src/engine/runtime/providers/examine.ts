// What providers are worth on this machine: self-tests, kept until machine, driver or version change.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism, cpus, release } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  providerStatusSchema, trainingFeatureSchema, type Agreement, type Lack, type OnCpu, type ProviderStatus, type TrainingFeature,
} from '../../../shared/contract/providers.ts'
import type { Compute, ProviderName } from '../../../shared/records/provider.ts'
import { readJsonFile, writeJsonFile } from '../../files/index.ts'
import { bundledBinding, onnxRuntimeVersion } from '../nativePackage.ts'
import { cudaLibraries } from './cudaLibraries.ts'
import { agrees } from './agrees.ts'
import { existsOn, PROVIDER_NAMES, PROVIDERS, thisPlatform, type ProviderPlace } from './table.ts'
import { testInProcess, type TestOutcome } from './testProcess.ts'

export type Examination = ProviderPlace & {
  readonly cacheDir: string
  readonly signal: AbortSignal
  /** Default: f32. */
  readonly compute?: Compute
  /** Tests again what was tested. */
  readonly fresh?: boolean
  readonly onTest?: (name: ProviderName) => void
}

/** Counts up when the self-test changes: results of another one are not looked at. */
const VERSION = 2
/** Compiling the shaders of a training graph took 20 s on a software driver. */
const TIMEOUT_MS = 180_000
/** Not every driver tells its version, and what made a test fail may have been put right. */
const DAY_MS = 24 * 3600 * 1000
const believedMs = ({ state }: ProviderStatus): number => (state === 'failed' ? DAY_MS / 96 : 7 * DAY_MS)

const keptSchema = z.object({ key: z.string(), statuses: z.array(providerStatusSchema) })
type Kept = z.infer<typeof keptSchema>

/** All rows of the table in its order; those that can be tested were, now or before. */
export async function examineProviders(examination: Examination): Promise<ProviderStatus[]> {
  const cpu = await examineProvider('cpu', examination)
  const others = PROVIDER_NAMES.filter((name) => name !== 'cpu')
  const statuses = [cpu]
  // One after another: each is measured, and has the machine to itself.
  for (const name of others) statuses.push(await examineProvider(name, examination))
  return statuses
}

/** One of them; on a provider that is not the cpu its speed is compared with the cpu's. */
export async function examineProvider(name: ProviderName, examination: Examination): Promise<ProviderStatus> {
  const absent = absence(name, examination)
  if (absent) return absent
  const { cacheDir, compute = 'f32', fresh = false, signal, onTest } = examination
  const path = join(cacheDir, 'providers.json')
  const key = machineKey(examination)
  const kept = readJsonFile(path, keptSchema)
  const known = kept?.key === key ? kept.statuses.find((status) => status.name === name && status.compute === compute) : undefined
  if (known && !fresh && Date.now() - Date.parse(known.testedAt ?? '') < believedMs(known)) return known
  const cpu = name === 'cpu' ? null : await examineProvider('cpu', { ...examination, compute: 'f32', fresh: false })
  onTest?.(name)
  const ask = (features: readonly TrainingFeature[], speed: boolean): Promise<TestOutcome> =>
    testInProcess({ provider: name, compute, features, speed, threads: availableParallelism() }, { place: examination, signal, timeoutMs: TIMEOUT_MS })
  const plain = verdict({ name, compute, outcome: await ask([], true), cpuSpeed: cpu?.tokensPerSecond ?? null })
  // The cpu in single precision is what everything is compared with.
  const right = (plain.state === 'works' || plain.state === 'slower') && !(name === 'cpu' && compute === 'f32')
  const status = right ? { ...plain, lacks: await lacksOf((features) => ask(features, false)) } : plain
  remember(path, key, status)
  return status
}

const FEATURES = trainingFeatureSchema.options

/** Features that a provider which trains an adapter does not have: all in one test, and one by one only where that fails. */
export async function lacksOf(ask: (features: readonly TrainingFeature[]) => Promise<TestOutcome>): Promise<Lack[]> {
  const together = trouble(await ask(FEATURES))
  if (together === null) return []
  const lacks: Lack[] = []
  for (const feature of FEATURES) {
    const reason = trouble(await ask([feature]))
    if (reason !== null) lacks.push({ feature, reason })
  }
  return lacks.length > 0 ? lacks : FEATURES.map((feature) => ({ feature, reason: `together with the others: ${together}` }))
}

/** Why a self-test does not count as passed; null: it does. */
function trouble({ compared, failure }: TestOutcome): string | null {
  if (compared === null) return failure ?? 'it said nothing'
  return agrees(compared.agreement) ? null : apart(compared.agreement)
}

function remember(path: string, key: string, status: ProviderStatus): void {
  const now = readJsonFile(path, keptSchema)
  const others = now?.key === key ? now.statuses.filter(({ name, compute }) => name !== status.name || compute !== status.compute) : []
  writeJsonFile(path, { key, statuses: [...others, status] } satisfies Kept)
}

const blank = (name: ProviderName, compute: Compute) =>
  ({ name, label: PROVIDERS[name].label, compute, agreement: null, tokensPerSecond: null, onCpu: [] as OnCpu, lacks: [] as Lack[], testedAt: null })

/** What is known without running anything. */
function absence(name: ProviderName, { compute = 'f32', ...place }: Examination): ProviderStatus | null {
  const row = PROVIDERS[name]
  if (!existsOn(name, thisPlatform())) {
    return { ...blank(name, compute), state: 'elsewhere', reason: `not part of ONNX Runtime for ${thisPlatform()}`, enable: null }
  }
  const missing = row.missing(place)
  return missing.length === 0 ? null : { ...blank(name, compute), state: 'missing', reason: missing.join('; '), enable: row.enable }
}

type Judged = { readonly name: ProviderName; readonly compute: Compute; readonly outcome: TestOutcome; readonly cpuSpeed: number | null }

export function verdict({ name, compute, outcome, cpuSpeed }: Judged): ProviderStatus {
  const { compared, tokensPerSecond, failure } = outcome
  const base = {
    ...blank(name, compute),
    agreement: compared?.agreement ?? null,
    onCpu: compared?.onCpu ?? [],
    tokensPerSecond,
    testedAt: new Date().toISOString(),
  }
  const { enable } = PROVIDERS[name]
  if (compared === null) return { ...base, state: 'failed', reason: failure ?? 'it said nothing', enable }
  const { agreement } = compared
  if (!agrees(agreement)) return { ...base, state: 'wrong', reason: apart(agreement), enable: null }
  if (tokensPerSecond === null) return { ...base, state: 'slower', reason: `right, but its speed could not be measured: ${failure ?? 'it was not'}`, enable: null }
  if (cpuSpeed !== null && tokensPerSecond <= cpuSpeed) {
    return { ...base, state: 'slower', reason: `right, but ${tokensPerSecond.toFixed(0)} tokens/s where the cpu makes ${cpuSpeed.toFixed(0)}`, enable: null }
  }
  return { ...base, state: 'works', reason: null, enable: null }
}

function apart({ loss, gradient, worst, tolerance }: Agreement): string {
  const found = `loss ${size(loss)}, gradient of ${worst} ${size(gradient)}`
  return `it computes something else than the cpu: relative differences ${found}; allowed ${size(tolerance.loss)} and ${size(tolerance.gradient)}`
}

const size = (difference: number): string => (difference === Number.MAX_VALUE ? 'not a number' : difference.toExponential(1))

/** Another one when results could be others: processor, driver, cards, library, what the environment says of drivers. */
function machineKey({ dataFolder, env }: Examination): string {
  const driver = ['/proc/driver/nvidia/version', '/sys/module/amdgpu/version', '/sys/module/i915/srcversion'].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
  const library = statSync(bundledBinding(), { throwIfNoEntry: false })
  const facts = [
    VERSION, thisPlatform(), release(), cpus()[0]?.model, availableParallelism(), driver, cards(), onnxRuntimeVersion(), library?.size,
    existsSync(cudaLibraries(dataFolder)), env['VK_ICD_FILENAMES'], env['VK_DRIVER_FILES'], env['LD_LIBRARY_PATH'], env['CUDA_VISIBLE_DEVICES'],
  ]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

/** Graphics cards as Linux lists them. */
function cards(): string[] {
  const folder = '/sys/class/drm'
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => ['vendor', 'device'].map((file) => join(folder, name, 'device', file)).map((path) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '')).join(':'))
}

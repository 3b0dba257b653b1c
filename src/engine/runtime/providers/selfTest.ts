// The self-test of a provider: the real training graph of a small student, compared with the cpu. Runs in a process of its own.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gradientOf, loraMatrices, trainingGraph, type TrainedTensor } from '../../../core/nn/index.ts'
import { adapterFeeds, makeBatch, withLossScale } from '../../../core/pipeline/training/index.ts'
import type { CompiledGraph, FedTensor } from '../../../core/ports/index.ts'
import { createRandom } from '../../../core/random.ts'
import type { Agreement, OnCpu } from '../../../shared/contract/providers.ts'
import type { Compute, ProviderName } from '../../../shared/records/provider.ts'
import { createOnnxRuntime } from '../onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../weightFile.ts'
import { nodesOnCpu } from './profile.ts'
import { SMALL, writeTrialModel } from './trialModel.ts'

const LORA = { rank: 4, alpha: 8 }

/**
 * Single precision: what the trainer's own goldens allow. Half precision: its unit roundoff is 2^-11 = 4.9e-4; a gradient
 * has passed about 30 products and elementwise steps of this student, whose roundings add up like a random walk to
 * sqrt(30) * 4.9e-4 = 2.7e-3; allowed is seven times that. A wrong operator shows as 0.1 and more.
 */
const TOLERANCE: Record<Compute, Agreement['tolerance']> = {
  f32: { loss: 1e-4, gradient: 1e-3 },
  f16: { loss: 5e-3, gradient: 2e-2 },
}

export type Trial = { readonly provider: ProviderName; readonly compute: Compute }
export type SelfTest = { readonly agreement: Agreement; readonly onCpu: OnCpu }

/**
 * Loss and gradients of one pass on the provider against those of the cpu in single precision. Throws what it throws;
 * `folder` is for its files, and whoever started this removes it: a driver's crash leaves them.
 */
export async function selfTest(trial: Trial, folder: string): Promise<SelfTest> {
  const model = join(folder, 'small.gguf')
  writeTrialModel(model, SMALL)
  const student = await openStudentWeights(model, folder)
  const matrices = loraMatrices(student.config, LORA)
  const feeds = feedsOf(student, matrices)
  const expected = await resultsOf({ student, feeds, trial: { provider: 'cpu', compute: 'f32' } })
  const found = await resultsOf({ student, feeds, trial, profile: join(folder, 'profile') })
  const [written] = readdirSync(folder).filter((name) => name.startsWith('profile'))
  const onCpu = trial.provider === 'cpu' || written === undefined ? [] : nodesOnCpu(join(folder, written))
  return { agreement: { ...differences(found, expected, matrices), tolerance: TOLERANCE[trial.compute] }, onCpu }
}

/** Two packed sequences, the beginning of the first unsupervised; adapters that are no longer "no change". */
function feedsOf({ config }: StudentWeights, matrices: readonly TrainedTensor[]): Map<string, FedTensor> {
  const random = createRandom(3)
  const sequences = [18, 11].map((length) => ({ ids: Array.from({ length }, () => Math.floor(random.next() * config.vocabulary)) }))
  const { feeds } = makeBatch({ config, sequences, weightOf: ({ sequence, token }) => (sequence === 0 && token < 6 ? null : 1 / 22) })
  const parameters = new Map(
    matrices.map(({ name, shape: [rows = 0, columns = 0] }) => [name, Float32Array.from({ length: rows * columns }, () => (2 * random.next() - 1) / Math.sqrt(columns))]),
  )
  return new Map([...feeds, ...adapterFeeds(matrices, parameters)])
}

type Pass = { readonly student: StudentWeights; readonly feeds: ReadonlyMap<string, FedTensor>; readonly trial: Trial; readonly profile?: string }

async function resultsOf({ student, feeds, trial, profile }: Pass): Promise<Map<string, Float32Array>> {
  const half = trial.compute === 'f16'
  const runtime = createOnnxRuntime({ threads: 1, weights: student, ...trial, ...(profile !== undefined && { profilePrefix: profile }) })
  const compiled = await runtime.compile('self-test', trainingGraph(student.config, LORA, { scaleLoss: half }))
  const graph: CompiledGraph = half ? withLossScale(compiled) : compiled
  try {
    return await graph.run(feeds)
  } finally {
    await graph.dispose()
  }
}

type Results = ReadonlyMap<string, Float32Array>

function differences(found: Results, expected: Results, matrices: readonly TrainedTensor[]): Omit<Agreement, 'tolerance'> {
  const of = (name: string): number => relativeDifference(found.get(name) as Float32Array, expected.get(name) as Float32Array)
  const gradients = matrices.map(({ name }) => ({ name, difference: of(gradientOf(name)) }))
  const worst = gradients.reduce((most, one) => (one.difference > most.difference ? one : most))
  return { loss: of('loss'), gradient: worst.difference, worst: worst.name }
}

/** Norm of the difference over the norm of what is expected; what is no number at all is as wrong as can be. */
function relativeDifference(found: Float32Array, expected: Float32Array): number {
  let [apart, whole] = [0, 0]
  expected.forEach((value, i) => {
    apart += ((found[i] ?? NaN) - value) ** 2
    whole += value ** 2
  })
  const difference = Math.sqrt(apart / whole)
  return Number.isFinite(difference) ? difference : Number.MAX_VALUE
}

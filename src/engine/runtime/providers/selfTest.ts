// The self-test of a provider: real training graphs of a small student, compared with the cpu. Runs in a process of its own.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CompiledGraph } from '../../../core/ports/index.ts'
import { withDropout, withLossScale } from '../../../core/pipeline/training/index.ts'
import type { Agreement, OnCpu, TrainingFeature } from '../../../shared/contract/providers.ts'
import type { Compute, ProviderName } from '../../../shared/records/provider.ts'
import { createOnnxRuntime } from '../onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../weightFile.ts'
import { nodesOnCpu } from './profile.ts'
import { SMALL, writeTrialModel } from './trialModel.ts'
import { trialPasses, type TrialPass } from './trialPasses.ts'

/**
 * Single precision: what the trainer's own goldens allow. Half precision: its unit roundoff is 2^-11 = 4.9e-4; a gradient
 * has passed about 30 products and elementwise steps of this student, whose roundings add up like a random walk to
 * sqrt(30) * 4.9e-4 = 2.7e-3; allowed is seven times that. A wrong operator shows as 0.1 and more.
 */
const TOLERANCE: Record<Compute, Agreement['tolerance']> = {
  f32: { loss: 1e-4, gradient: 1e-3 },
  f16: { loss: 5e-3, gradient: 2e-2 },
}

export type Trial = {
  readonly provider: ProviderName
  readonly compute: Compute
  /** What is tested with an adapter's training; none: that alone. */
  readonly features: readonly TrainingFeature[]
}
export type SelfTest = { readonly agreement: Agreement; readonly onCpu: OnCpu }

/**
 * Loss and gradients of each pass on the provider against those of the cpu in single precision. Throws what it throws;
 * `folder` is for its files, and whoever started this removes it: a driver's crash leaves them.
 */
export async function selfTest({ provider, compute, features }: Trial, folder: string): Promise<SelfTest> {
  const model = join(folder, 'small.gguf')
  writeTrialModel(model, SMALL)
  const student = await openStudentWeights(model, folder)
  const found: Omit<Agreement, 'tolerance'>[] = []
  for (const pass of trialPasses(student.config, { features, scaleLoss: compute === 'f16' })) {
    const plain = trialPasses(student.config, { features, scaleLoss: false }).find(({ name }) => name === pass.name) as TrialPass
    const expected = await resultsOf(plain, { student, provider: 'cpu', compute: 'f32' })
    const results = await resultsOf(pass, { student, provider, compute, profile: join(folder, `profile-${pass.name}`) })
    found.push(differences(results, expected, pass.gradients))
  }
  const written = readdirSync(folder).filter((name) => name.startsWith('profile'))
  const onCpu = provider === 'cpu' ? [] : nodesOnCpu(written.map((name) => join(folder, name)))
  return { agreement: { ...worstOf(found), tolerance: TOLERANCE[compute] }, onCpu }
}

type Place = { readonly student: StudentWeights; readonly provider: ProviderName; readonly compute: Compute; readonly profile?: string }

async function resultsOf({ name, outputs, feeds, dropout, frozen }: TrialPass, { student, provider, compute, profile }: Place): Promise<Map<string, Float32Array>> {
  const runtime = createOnnxRuntime({ threads: 1, ...(frozen && { weights: student }), provider, compute, ...(profile !== undefined && { profilePrefix: profile }) })
  const compiled = await runtime.compile(name, outputs)
  const scaled: CompiledGraph = compute === 'f16' ? withLossScale(compiled) : compiled
  const graph = withDropout(scaled, { outputs, share: dropout, seed: 5, step: () => 0 })
  try {
    return await graph.run(feeds)
  } finally {
    await graph.dispose()
  }
}

type Results = ReadonlyMap<string, Float32Array>

function differences(found: Results, expected: Results, gradients: readonly string[]): Omit<Agreement, 'tolerance'> {
  const of = (name: string): number => relativeDifference(found.get(name) as Float32Array, expected.get(name) as Float32Array)
  const each = gradients.map((name) => ({ worst: name.replace(/^d_/, ''), gradient: of(name) }))
  return { loss: of('loss'), ...each.reduce((most, one) => (one.gradient > most.gradient ? one : most)) }
}

const worstOf = (all: readonly Omit<Agreement, 'tolerance'>[]): Omit<Agreement, 'tolerance'> => ({
  ...all.reduce((most, one) => (one.gradient > most.gradient ? one : most)),
  loss: Math.max(...all.map(({ loss }) => loss)),
})

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

// Speed and memory of the training graph on one synthetic batch, and the rate that its matrix products alone reach.
import {
  adamW, ADAMW_DEFAULTS, batchSizes, clipGlobalNorm, gradientOf, initialLora, linearLayers, loraMatrices, trainingGraph,
  type LoraConfig, type ModelConfig,
} from '../../core/nn/index.ts'
import { adapterFeeds, makeBatch, withLossScale } from '../../core/pipeline/training/index.ts'
import type { FedTensor } from '../../core/ports/index.ts'
import { createRandom } from '../../core/random.ts'
import { countFlops, feed, frozen, matmul, symbol, type Value } from '../../core/tensor/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import type { Compute, ProviderName } from '../../shared/records/provider.ts'
import { openStudentWeights } from '../runtime/weightFile.ts'
import { peakMemoryBytes } from '../memory.ts'

export type BenchJob = {
  readonly student: string
  readonly cacheDir: string
  /** Token ids of one sequence. */
  readonly ids: readonly number[]
  /** Which of them are supervised; left out: all. */
  readonly supervised?: readonly boolean[]
  readonly lora: LoraConfig
  readonly recompute: boolean
  readonly steps: number
  readonly threads: number
  /** Default: cpu, f32. */
  readonly provider?: ProviderName
  readonly compute?: Compute
  readonly profilePrefix?: string
}

export type StepBench = {
  readonly tokensPerSecond: number
  readonly gflops: number
  readonly peakMemoryBytes: number
  readonly lossFirst: number
  /** Seconds of each timed step; the first, untimed one fills caches. */
  readonly stepSeconds: number[]
  /** Share of the time outside the graph: clipping and the optimiser. */
  readonly optimiserShare: number
}

/** Whole training steps: graph, clipping, AdamW. */
export async function benchSteps(job: BenchJob): Promise<StepBench> {
  const student = await openStudentWeights(job.student, job.cacheDir)
  const { config } = student
  const { provider = 'cpu', compute = 'f32' } = job
  const outputs = trainingGraph(config, job.lora, { recompute: job.recompute, scaleLoss: compute === 'f16' })
  const compiled = await createOnnxRuntime({
    threads: job.threads,
    weights: student,
    provider,
    compute,
    ...(job.profilePrefix !== undefined && { profilePrefix: job.profilePrefix }),
  }).compile('bench', outputs)
  const graph = compute === 'f16' ? withLossScale(compiled) : compiled
  const matrices = loraMatrices(config, job.lora)
  const parameters = initialLora(matrices, createRandom(1))
  const optimiser = adamW(ADAMW_DEFAULTS)
  const state = optimiser.init(parameters)
  const supervised = job.supervised ?? job.ids.map(() => true)
  const targets = supervised.reduce((sum, wanted, token) => (wanted && token > 0 ? sum + 1 : sum), 0)
  const batch = makeBatch({ config, sequences: [job], weightOf: ({ token }) => (supervised[token] ? 1 / targets : null) })
  const stepSeconds: number[] = []
  let [lossFirst, optimiserSeconds] = [NaN, 0]
  for (let step = 0; step <= job.steps; step++) {
    const started = performance.now()
    const results = await graph.run(new Map([...batch.feeds, ...adapterFeeds(matrices, parameters)]))
    const ran = performance.now()
    const gradients = new Map(matrices.map(({ name }) => [name, results.get(gradientOf(name)) as Float32Array]))
    clipGlobalNorm(gradients, 1)
    optimiser.update(parameters, { gradients, state, lr: 1e-4 })
    if (step === 0) {
      lossFirst = (results.get('loss') as Float32Array)[0] as number
      continue
    }
    stepSeconds.push((performance.now() - started) / 1000)
    optimiserSeconds += (performance.now() - ran) / 1000
  }
  await graph.dispose()
  const seconds = stepSeconds.reduce((sum, s) => sum + s, 0)
  const flops = countFlops([...outputs.values()], batchSizes({ tokens: batch.computed, rows: batch.targets.length }))
  return {
    tokensPerSecond: (job.steps * job.ids.length) / seconds,
    gflops: (job.steps * flops) / seconds / 1e9,
    peakMemoryBytes: peakMemoryBytes(),
    lossFirst,
    stepSeconds,
    optimiserShare: optimiserSeconds / seconds,
  }
}

/** The products of one block, forward and backward to the input, as they stand in the training graph, and nothing else. */
function limitGraph(config: ModelConfig): Map<string, Value> {
  const T = symbol('T')
  const outputs = new Map<string, Value>()
  for (const { name, out, in: width } of linearLayers(config, 0)) {
    const weight = frozen(name, [out, width])
    outputs.set(`forward ${name}`, matmul(feed(`x ${name}`, { shape: [T, width] }), weight, { transposeB: true }))
    outputs.set(`backward ${name}`, matmul(feed(`d ${name}`, { shape: [T, out] }), weight))
  }
  return outputs
}

/** The best GFLOP/s that ONNX Runtime's matrix products reach at the student's own shapes. */
export async function benchLimit(job: BenchJob): Promise<number> {
  const student = await openStudentWeights(job.student, job.cacheDir)
  const outputs = limitGraph(student.config)
  const graph = await createOnnxRuntime({ threads: job.threads, weights: student, provider: job.provider ?? 'cpu', compute: job.compute ?? 'f32' }).compile('limit', outputs)
  const tokens = job.ids.length
  const random = createRandom(2)
  const feeds = new Map<string, FedTensor>()
  for (const { name, out, in: width } of linearLayers(student.config, 0)) {
    for (const [key, size] of [[`x ${name}`, width], [`d ${name}`, out]] as const) {
      const data = Float32Array.from({ length: tokens * size }, () => random.next() - 0.5)
      feeds.set(key, { dtype: 'f32', shape: [tokens, size], data })
    }
  }
  const flops = countFlops([...outputs.values()], new Map([['T', tokens]]))
  const rounds = 20
  await graph.run(feeds)
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await graph.run(feeds)
    best = Math.min(best, performance.now() - started)
  }
  await graph.dispose()
  return flops / best / 1e6
}

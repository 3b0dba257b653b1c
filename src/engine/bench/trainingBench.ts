// Speed and memory of the training graph on one synthetic batch, and the rate that its matrix products alone reach.
import {
  adamW, ADAMW_DEFAULTS, batchSizes, clipFactor, globalNorm, initialLora, linearLayers, loraMatrices, trainingGraph,
  type LoraConfig, type ModelConfig,
} from '../../core/nn/index.ts'
import { accumulate, adapterFeeds, makeBatch, packPasses, withLossScale, type Base, type Batch, type Target } from '../../core/pipeline/training/index.ts'
import type { FedTensor } from '../../core/ports/index.ts'
import { createRandom } from '../../core/random.ts'
import { countFlops, feed, frozen, matmul, symbol, type Value } from '../../core/tensor/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import type { Compute, ProviderName } from '../../shared/records/provider.ts'
import { openStudentWeights } from '../runtime/weightFile.ts'
import { collectGarbage, peakMemoryBytes } from '../memory.ts'

export type BenchSequence = {
  readonly ids: readonly number[]
  /** Which of them are supervised; left out: all. */
  readonly supervised?: readonly boolean[]
}

export type BenchJob = {
  readonly student: string
  readonly cacheDir: string
  /** What each step trains on. */
  readonly sequences: readonly BenchSequence[]
  /** Tokens of a pass, as in training; default: all sequences in one. */
  readonly passTokens?: number
  readonly lora: LoraConfig
  readonly recompute: boolean
  readonly steps: number
  readonly threads: number
  /** Default: cpu, f32. */
  readonly provider?: ProviderName
  readonly compute?: Compute
  /** Default: f32. */
  readonly base?: Base
  readonly profilePrefix?: string
}

export type StepBench = {
  readonly tokensPerSecond: number
  readonly supervisedPerSecond: number
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
  const student = await openStudentWeights(job.student, job.cacheDir, job.base)
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
  // What the graph was built and written with is a hundred megabytes.
  collectGarbage()
  const graph = compute === 'f16' ? withLossScale(compiled) : compiled
  const matrices = loraMatrices(config, job.lora)
  const parameters = initialLora(matrices, createRandom(1))
  const optimiser = adamW(ADAMW_DEFAULTS)
  const state = optimiser.init(parameters)
  const { batches, targets } = batchesOf(config, job)
  const stepSeconds: number[] = []
  let [lossFirst, outsideSeconds] = [NaN, 0]
  for (let step = 0; step <= job.steps; step++) {
    const started = performance.now()
    const gradients = new Map<string, Float32Array>()
    let [loss, inGraph] = [0, 0]
    for (const batch of batches) {
      const fed = performance.now()
      const results = await graph.run(new Map([...batch.feeds, ...adapterFeeds(matrices, parameters)]))
      inGraph += performance.now() - fed
      loss += (results.get('loss') as Float32Array)[0] as number
      accumulate(gradients, results, matrices.map(({ name }) => name))
    }
    optimiser.update(parameters, { gradients, scale: clipFactor(globalNorm(gradients), 1), state, lr: 1e-4 })
    if (step === 0) {
      lossFirst = loss
      continue
    }
    const seconds = (performance.now() - started) / 1000
    stepSeconds.push(seconds)
    outsideSeconds += seconds - inGraph / 1000
  }
  await graph.dispose()
  const seconds = stepSeconds.reduce((sum, s) => sum + s, 0)
  const flops = batches.reduce(
    (sum, { computed, targets }) => sum + countFlops([...outputs.values()], batchSizes({ tokens: computed, rows: targets.length })), 0)
  return {
    tokensPerSecond: (job.steps * job.sequences.reduce((sum, { ids }) => sum + ids.length, 0)) / seconds,
    supervisedPerSecond: (job.steps * targets) / seconds,
    gflops: (job.steps * flops) / seconds / 1e9,
    peakMemoryBytes: peakMemoryBytes(),
    lossFirst,
    stepSeconds,
    optimiserShare: outsideSeconds / seconds,
  }
}

/** The passes of a step, and its supervised tokens. */
function batchesOf(config: ModelConfig, { sequences, passTokens = Infinity }: BenchJob): { batches: Batch[]; targets: number } {
  const isTarget = ({ ids, supervised }: BenchSequence, token: number): boolean => token > 0 && token < ids.length && (supervised?.[token] ?? true)
  const targets = sequences.reduce((sum, one) => sum + one.ids.filter((_, token) => isTarget(one, token)).length, 0)
  const passes = packPasses(sequences.map((_, i) => i), sequences, passTokens)
  const batches = passes.map((indices) => {
    const own = indices.map((index) => sequences[index] as BenchSequence)
    const weightOf = ({ sequence, token }: Target): number | null => (isTarget(own[sequence] as BenchSequence, token) ? 1 / targets : null)
    return makeBatch({ config, sequences: own, weightOf })
  })
  return { batches, targets }
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
  const tokens = Math.min(job.passTokens ?? Infinity, job.sequences.reduce((sum, { ids }) => sum + ids.length, 0))
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

// Scores tokens with the trainer's own forward graph in float32.
import { availableParallelism } from 'node:os'
import { loraA, loraB } from '../../core/nn/index.ts'
import { readLoraGguf, type Adapter } from '../../core/pipeline/adapter/index.ts'
import { scoreExamples } from '../../core/pipeline/evaluation/index.ts'
import type { FedTensor } from '../../core/ports/index.ts'
import { openByteSource } from '../files/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { openStudentWeights } from '../runtime/weightFile.ts'
import type { TokenScorer } from './tokenScorer.ts'

/** Tokens of one pass: no gradients are kept, so passes may be larger than those of training. */
const PASS_TOKENS = 512

export const scoreWithTrainer: TokenScorer = async ({ examples, wanted, onScore, onProgress, signal, ...job }) => {
  const student = await openStudentWeights(job.student, job.cacheDir)
  const runtime = createOnnxRuntime({ threads: availableParallelism(), weights: student })
  const adapter = job.adapter === null ? null : readAdapter(job.adapter)
  await scoreExamples({
    runtime,
    config: student.config,
    adapter: adapter && { lora: adapter, feeds: feedsOf(adapter) },
    examples,
    wanted,
    passTokens: PASS_TOKENS,
    onScore,
    onProgress: async (done) => {
      signal.throwIfAborted()
      onProgress(done)
      // A pass blocks this process: let signals and other work in between two.
      await new Promise((resolve) => setImmediate(resolve))
      return 'go'
    },
  })
}

function readAdapter(path: string): Adapter {
  const source = openByteSource(path)
  try {
    return readLoraGguf(source)
  } finally {
    source.close()
  }
}

function feedsOf({ matrices, rank }: Adapter): Map<string, FedTensor> {
  return new Map(
    [...matrices].flatMap(([name, { a, b, in: width, out }]): [string, FedTensor][] => [
      [loraA(name), { dtype: 'f32', shape: [rank, width], data: a }],
      [loraB(name), { dtype: 'f32', shape: [out, rank], data: b }],
    ]),
  )
}

// One scoring session, in a process of its own: the trainer's forward graph in float32 over all examples.
import { availableParallelism } from 'node:os'
import { loraA, loraB } from '../../core/nn/index.ts'
import { readLoraGguf, type Adapter } from '../../core/pipeline/adapter/index.ts'
import { scoreExamples } from '../../core/pipeline/evaluation/index.ts'
import type { FedTensor } from '../../core/ports/index.ts'
import { openByteSource } from '../files/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { openStudentWeights } from '../runtime/weightFile.ts'
import type { ScoreEvent, ScoreQuestion } from './protocol.ts'
import type { TokenNll } from './tokenScorer.ts'

/** Tokens of one pass: no gradients are kept, so passes may be larger than those of training. */
const PASS_TOKENS = 512

/** `emit` resolves when the event is on its way. Throws RetortError when student or adapter cannot be used. */
export async function scoreSession(job: ScoreQuestion, emit: (event: ScoreEvent) => Promise<void>): Promise<void> {
  const student = await openStudentWeights(job.student, job.cacheDir)
  const runtime = createOnnxRuntime({ threads: availableParallelism(), weights: student })
  const adapter = job.adapter === null ? null : readAdapter(job.adapter)
  let scores: TokenNll[] = []
  await scoreExamples({
    runtime,
    config: student.config,
    adapter: adapter && { lora: { ...adapter, targets: [...adapter.matrices.keys()] }, feeds: feedsOf(adapter) },
    examples: job.examples,
    wanted: (kind) => job.kinds.has(kind),
    passTokens: PASS_TOKENS,
    onScore: ({ example, token, nll }) => scores.push({ example, token, nll }),
    onProgress: async (done) => {
      await emit({ type: 'scores', scores, done })
      scores = []
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

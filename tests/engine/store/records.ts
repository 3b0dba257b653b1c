// Records for tests of the store, made by the importer from a chat written in place.
import { segmentTrajectory } from '../../../src/core/pipeline/segmentation/index.ts'
import { openImport } from '../../../src/core/pipeline/trajectory/index.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import type { TrajectoryColumns } from '../../../src/engine/store/index.ts'
import { toColumns } from '../../../src/engine/store/index.ts'
import type { Run } from '../../../src/shared/records/run.ts'
import { textSource } from '../../support/textSource.ts'

export const chat = (question: string, answer: string): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: `Thought: hm\nAction: finish[${answer}]` },
    ],
  })

export function chatColumns(question: string, answer: string): TrajectoryColumns {
  const opened = openImport(textSource(chat(question, answer)), sha256)
  if (opened.format === null) throw new Error(opened.reason)
  const [record] = opened.records()
  if (!record || !('trajectory' in record)) throw new Error(JSON.stringify(record))
  return toColumns({ ...record, spans: segmentTrajectory(record.trajectory) })
}

export const run = (id: string, datasetRevision: string): Run => ({
  id,
  createdAt: '2025-01-02T03:04:05.000Z',
  state: 'preparing',
  student: { path: 'student.gguf', sha256: 'ab', architecture: 'llama' },
  datasetRevision,
  plannedSteps: null,
  settings: {
    recipe: 'sad', rank: 16, alpha: 32, targets: 'all', rsLora: false, dropout: 0, lr: 2e-4, schedule: 'linear', warmupSteps: 4, epochs: 1, batchTokens: 2000,
    microTokens: 512, recompute: false,
    weightDecay: 0, clipNorm: 1, kl: 'forward', klBeta: 0.5, temperature: 1, stayClose: 0, learnSpanWeights: false, projectGradients: false, seed: 0, heldout: 0.1, threads: 2, provider: 'cpu', compute: 'f32', base: 'f32', context: 2048, tooLong: 'refuse',
    checkpointEvery: 10,
    heldoutEvery: 0,
    heldoutTokens: 0,
  earlyStop: 'off', patience: 3, minGain: 0, samplesEvery: 0, samplePrompts: 3,
  },
  result: null,
  error: null,
})

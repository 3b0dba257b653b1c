// Runs, steps and settings for tests of the Train screen.
import type { RunRow, RunView } from '../../../src/shared/contract/routes/runs.ts'
import type { Heldout, HeldoutPoint, MetricsLine } from '../../../src/shared/contract/metrics.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'

export const DEFAULTS: TrainSettings = {
  recipe: 'sad', rank: 16, alpha: 32, targets: 'all', rsLora: false, dropout: 0, lr: 2e-4, schedule: 'linear', warmupSteps: 4, epochs: 1, batchTokens: 2048, microTokens: 256,
  recompute: false, weightDecay: 0, clipNorm: 1, seed: 1, heldout: 0.1, threads: 2, context: 2048, tooLong: 'refuse', checkpointEvery: 10,
  heldoutEvery: 10, heldoutTokens: 4096, earlyStop: 'off', patience: 3, minGain: 0, samplesEvery: 0, samplePrompts: 3, provider: 'cpu', compute: 'f32', base: 'auto',
  kl: 'forward', klBeta: 0.5, temperature: 1, stayClose: 0, learnSpanWeights: false, projectGradients: false,
}

export const rowOf = (change: Partial<RunRow> = {}): RunRow => ({
  id: '20260101-100000-aaaa',
  createdAt: '2026-01-01T10:00:00.000Z',
  state: 'training',
  student: { path: '/models/tiny.gguf', name: 'tiny.gguf', architecture: 'llama' },
  settings: DEFAULTS,
  steps: { done: 0, total: 20 },
  loss: { first: null, last: null },
  heldout: { first: null, last: null },
  tokensPerSecond: null,
  trainedTokens: 0,
  adapter: null,
  error: null,
  ...change,
})

export const stepOf = (step: number, change: Partial<MetricsLine> = {}): MetricsLine => ({
  step, loss: 2 / step, byKind: { reason: 3 / step, act: 1 / step }, actAccuracy: 0.5, lr: 1e-4 * step, gradNorm: 1, tokens: 100, trainedTokens: 40,
  seconds: 2, ...change,
})

const mean = (nll: number): Heldout['agent'] => ({ nll, accuracy: 0.5, tokens: 10 })
export const pointOf = (step: number, nll: number): HeldoutPoint => ({
  step,
  whole: true,
  result: { agent: mean(nll), byKind: { act: { ...mean(nll / 2), accuracy: 0.25 } }, byPart: {} },
})

export const viewOf = (change: Partial<RunView> = {}): RunView => ({
  row: rowOf(),
  trainedOn: { recipe: 'plain SFT', counts: { reason: 30, act: 10 }, straddling: 0, left: [] },
  datasetRevision: 'abcdef0123456789',
  metrics: [],
  heldout: [],
  phase: null,
  notices: [],
  alerts: [],
  samples: [],
  summary: null,
  memory: null,
  etaSeconds: null,
  ...change,
})

// Settings of a run: what a user may leave open, filled with the defaults.
import { availableParallelism } from 'node:os'
import { DEFAULT_HELDOUT } from '../../core/pipeline/task/index.ts'
import type { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { trainSettingsSchema, type TrainSettings } from '../../shared/records/run.ts'

/** Settings that are not given; threads are those of this machine. */
export const defaultSettings = (): TrainSettings => ({
  recipe: 'sad',
  rank: 16,
  alpha: 32,
  targets: 'all',
  rsLora: false,
  dropout: 0,
  lr: 2e-4,
  schedule: 'linear',
  warmupSteps: 4,
  epochs: 1,
  batchTokens: 2048,
  microTokens: 256,
  recompute: false,
  weightDecay: 0,
  clipNorm: 1,
  kl: 'forward',
  klBeta: 0.5,
  temperature: 1,
  stayClose: 0,
  learnSpanWeights: false,
  projectGradients: false,
  seed: 1,
  heldout: DEFAULT_HELDOUT,
  threads: availableParallelism(),
  provider: 'cpu',
  compute: 'f32',
  base: 'auto',
  context: 2048,
  tooLong: 'refuse',
  checkpointEvery: 10,
  heldoutEvery: 0,
  heldoutTokens: 0,
  earlyStop: 'off',
  patience: 3,
  minGain: 0,
  samplesEvery: 0,
  samplePrompts: 3,
})

/** Evaluations of a run that shall end early and does not say when it is to be evaluated. */
const EARLY_STOP_EVERY = 10

/** What a caller gives; undefined means the default. */
export type SettingsInput = { readonly [K in keyof TrainSettings]?: TrainSettings[K] | undefined }

/** Throws RetortError `bad-settings`, naming the setting. */
export function fillSettings(given: SettingsInput): TrainSettings {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const early = given.earlyStop !== undefined && given.earlyStop !== 'off' ? { heldoutEvery: EARLY_STOP_EVERY } : {}
  const filled = trainSettingsSchema.safeParse({ ...defaultSettings(), ...early, ...set })
  if (filled.success) return withEvaluations(filled.data)
  const [issue] = filled.error.issues
  const name = issue?.path.join('.') ?? ''
  throw new RetortError({
    code: 'bad-settings',
    message: 'a setting of the run cannot be used',
    where: name,
    found: String(set[name]),
    ...(issue && { expected: wanted(issue) }),
  })
}

/** What a setting has to be, in words. */
function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.inclusive ? `at least ${issue.minimum}` : `more than ${issue.minimum}`
    case 'too_big':
      return issue.inclusive ? `at most ${issue.maximum}` : `less than ${issue.maximum}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`
    default:
      return issue.message
  }
}

/** Early stopping decides by evaluations: without any it would silently do nothing. */
function withEvaluations(settings: TrainSettings): TrainSettings {
  const { earlyStop, heldout, heldoutEvery } = settings
  if (earlyStop === 'off' || (heldout > 0 && heldoutEvery > 0)) return settings
  throw new RetortError({
    code: 'bad-settings',
    message: 'a run cannot end early without held-out evaluations',
    where: heldout > 0 ? 'heldoutEvery' : 'heldout',
    found: '0',
    expected: heldout > 0 ? 'the steps between two evaluations' : 'a share of tasks that is held out',
    advice: 'give both, or leave early stopping off',
  })
}

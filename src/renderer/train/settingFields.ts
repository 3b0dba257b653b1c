// The settings of a run as fields of a form: one row a field.
import type { TrainSettings } from '../../shared/records/run.ts'

/** Settings that the form has. Layers by name, the provider and its precision are given on the command line. */
const KEYS = [
  'epochs', 'maxSteps', 'lr', 'rank', 'batchTokens', 'heldout', 'heldoutEvery', 'alpha', 'schedule', 'warmupSteps', 'weightDecay', 'clipNorm',
  'context', 'tooLong', 'heldoutTokens', 'earlyStop', 'patience', 'minGain', 'samplesEvery', 'samplePrompts', 'checkpointEvery', 'microTokens',
  'recompute', 'rsLora', 'dropout', 'kl', 'klBeta', 'temperature', 'stayClose', 'learnSpanWeights', 'projectGradients', 'threads', 'seed',
] as const satisfies readonly (keyof TrainSettings)[]
export type FieldKey = (typeof KEYS)[number]
export const isField = (key: keyof TrainSettings): key is FieldKey => (KEYS as readonly string[]).includes(key)

type Basics = { readonly key: FieldKey; readonly group: 'basic' | 'more' }
/** `above`: the number must be over `min`, not at it. `optional`: an empty field leaves it open. */
export type NumberField = Basics & {
  readonly type: 'number'
  readonly whole: boolean
  readonly min: number
  readonly max: number
  readonly above?: true
  readonly optional?: true
}
export type ChoiceField = Basics & { readonly type: 'choice'; readonly choices: readonly string[] }
export type SwitchField = Basics & { readonly type: 'switch' }
export type Field = NumberField | ChoiceField | SwitchField

const MANY = Number.MAX_SAFE_INTEGER
type Bounds = { readonly min: number; readonly max?: number }
const number = (key: FieldKey, group: Basics['group'], { min, max = MANY }: Bounds): NumberField => ({ key, group, type: 'number', whole: false, min, max })
const whole = (key: FieldKey, group: Basics['group'], bounds: Bounds): NumberField => ({ ...number(key, group, bounds), whole: true })

export const FIELDS: readonly Field[] = [
  { ...number('epochs', 'basic', { min: 0 }), above: true },
  { ...whole('maxSteps', 'basic', { min: 1 }), optional: true },
  { ...number('lr', 'basic', { min: 0 }), above: true },
  whole('rank', 'basic', { min: 1, max: 1024 }),
  whole('batchTokens', 'basic', { min: 1 }),
  number('heldout', 'basic', { min: 0, max: 0.9 }),
  whole('heldoutEvery', 'basic', { min: 0 }),
  { ...number('alpha', 'more', { min: 0 }), above: true },
  { key: 'schedule', group: 'more', type: 'choice', choices: ['linear', 'cosine', 'constant'] },
  whole('warmupSteps', 'more', { min: 0 }),
  number('weightDecay', 'more', { min: 0 }),
  number('clipNorm', 'more', { min: 0 }),
  whole('context', 'more', { min: 8 }),
  { key: 'tooLong', group: 'more', type: 'choice', choices: ['refuse', 'drop', 'keep-last'] },
  whole('heldoutTokens', 'more', { min: 0 }),
  { key: 'earlyStop', group: 'more', type: 'choice', choices: ['off', 'loss', 'act'] },
  whole('patience', 'more', { min: 1 }),
  number('minGain', 'more', { min: 0 }),
  whole('samplesEvery', 'more', { min: 0 }),
  whole('samplePrompts', 'more', { min: 1, max: 50 }),
  whole('checkpointEvery', 'more', { min: 1 }),
  whole('microTokens', 'more', { min: 1 }),
  { key: 'recompute', group: 'more', type: 'switch' },
  { key: 'rsLora', group: 'more', type: 'switch' },
  number('dropout', 'more', { min: 0, max: 0.9 }),
  { key: 'kl', group: 'more', type: 'choice', choices: ['forward', 'reverse', 'jsd'] },
  number('klBeta', 'more', { min: 0, max: 1 }),
  { ...number('temperature', 'more', { min: 0 }), above: true },
  number('stayClose', 'more', { min: 0 }),
  { key: 'learnSpanWeights', group: 'more', type: 'switch' },
  { key: 'projectGradients', group: 'more', type: 'switch' },
  whole('threads', 'more', { min: 1 }),
  whole('seed', 'more', { min: 0 }),
]

/** Settings that change which tokens are trained, or the plan of the steps: with another one the mask is looked at again. */
export const PLAN_KEYS: readonly FieldKey[] = ['epochs', 'maxSteps', 'batchTokens', 'heldout', 'context', 'tooLong', 'seed']

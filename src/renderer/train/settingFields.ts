// The settings of a run as fields of a form: one row a field.
import { SPAN_WEIGHTS, type TrainSettings } from '../../shared/records/run.ts'

const KEYS = [
  'epochs', 'maxSteps', 'lr', 'rank', 'batchTokens', 'heldout', 'heldoutEvery', 'alpha', 'targets', 'rsLora', 'dropout', 'teacher', 'teacherTop', 'teacherShown', 'kl', 'klBeta', 'temperature',
  'stayClose', 'learnSpanWeights', 'projectGradients', 'schedule', 'warmupSteps', 'weightDecay', 'clipNorm', 'context', 'tooLong', 'seed', 'heldoutTokens', 'earlyStop',
  'patience', 'minGain', 'samplesEvery', 'samplePrompts', 'provider', 'compute', 'base', 'microTokens', 'recompute', 'threads', 'checkpointEvery', ...SPAN_WEIGHTS,
] as const satisfies readonly (keyof TrainSettings)[]
export type FieldKey = (typeof KEYS)[number]
export const isField = (key: keyof TrainSettings): key is FieldKey => (KEYS as readonly string[]).includes(key)

/** Parts of 'more', in their order; 'spans' is a table within the losses. */
export const MORE_GROUPS = ['adapter', 'losses', 'spans', 'optimiser', 'data', 'watch', 'machine'] as const
type Group = 'basic' | (typeof MORE_GROUPS)[number]
type Basics = { readonly key: FieldKey; readonly group: Group }
/** `above`: the number must be over `min`, not at it. `optional`: an empty field leaves it open. */
export type NumberField = Basics & {
  readonly type: 'number'
  readonly whole: boolean
  readonly min: number
  readonly max: number
  readonly above?: true
  readonly optional?: true
}
/** `open`: a value that is none of them, as the command line allows, stays. `optional`: without one the first of them holds. */
export type ChoiceField = Basics & { readonly type: 'choice'; readonly choices: readonly string[]; readonly open?: true; readonly optional?: true }
/** A teacher's file; empty: none. */
type TeacherField = Basics & { readonly type: 'teacher' }
export type SwitchField = Basics & { readonly type: 'switch' }
export type Field = NumberField | ChoiceField | SwitchField | TeacherField

const MANY = Number.MAX_SAFE_INTEGER
type Bounds = { readonly min: number; readonly max?: number }
const number = (key: FieldKey, group: Group, { min, max = MANY }: Bounds): NumberField => ({ key, group, type: 'number', whole: false, min, max })
const whole = (key: FieldKey, group: Group, bounds: Bounds): NumberField => ({ ...number(key, group, bounds), whole: true })

export const FIELDS: readonly Field[] = [
  { ...number('epochs', 'basic', { min: 0 }), above: true },
  { ...whole('maxSteps', 'basic', { min: 1 }), optional: true },
  { ...number('lr', 'basic', { min: 0 }), above: true },
  whole('rank', 'basic', { min: 1, max: 1024 }),
  whole('batchTokens', 'basic', { min: 1 }),
  number('heldout', 'basic', { min: 0, max: 0.9 }),
  whole('heldoutEvery', 'basic', { min: 0 }),
  { ...number('alpha', 'adapter', { min: 0 }), above: true },
  { key: 'targets', group: 'adapter', type: 'choice', choices: ['all', 'attention', 'mlp'], open: true },
  { key: 'rsLora', group: 'adapter', type: 'switch' },
  number('dropout', 'adapter', { min: 0, max: 0.9 }),
  { key: 'teacher', group: 'losses', type: 'teacher' },
  { ...whole('teacherTop', 'losses', { min: 1, max: 1024 }), optional: true },
  { key: 'teacherShown', group: 'losses', type: 'choice', choices: ['student', 'answer'], optional: true },
  { key: 'kl', group: 'losses', type: 'choice', choices: ['forward', 'reverse', 'jsd'] },
  number('klBeta', 'losses', { min: 0, max: 1 }),
  { ...number('temperature', 'losses', { min: 0 }), above: true },
  number('stayClose', 'losses', { min: 0 }),
  { key: 'learnSpanWeights', group: 'losses', type: 'switch' },
  { key: 'projectGradients', group: 'losses', type: 'switch' },
  ...SPAN_WEIGHTS.map((key): NumberField => ({ ...number(key, 'spans', { min: 0, max: 1000 }), optional: true })),
  { key: 'schedule', group: 'optimiser', type: 'choice', choices: ['linear', 'cosine', 'constant'] },
  whole('warmupSteps', 'optimiser', { min: 0 }),
  number('weightDecay', 'optimiser', { min: 0 }),
  number('clipNorm', 'optimiser', { min: 0 }),
  whole('context', 'data', { min: 8 }),
  { key: 'tooLong', group: 'data', type: 'choice', choices: ['refuse', 'drop', 'keep-last'] },
  whole('seed', 'data', { min: 0 }),
  whole('heldoutTokens', 'watch', { min: 0 }),
  { key: 'earlyStop', group: 'watch', type: 'choice', choices: ['off', 'loss', 'act'] },
  whole('patience', 'watch', { min: 1 }),
  number('minGain', 'watch', { min: 0 }),
  whole('samplesEvery', 'watch', { min: 0 }),
  whole('samplePrompts', 'watch', { min: 1, max: 50 }),
  { key: 'provider', group: 'machine', type: 'choice', choices: ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] },
  { key: 'compute', group: 'machine', type: 'choice', choices: ['f32', 'f16'] },
  { key: 'base', group: 'machine', type: 'choice', choices: ['auto', 'f32', 'quantised'] },
  whole('microTokens', 'machine', { min: 1 }),
  { key: 'recompute', group: 'machine', type: 'switch' },
  whole('threads', 'machine', { min: 1 }),
  whole('checkpointEvery', 'machine', { min: 1 }),
]

/** Settings that change which tokens are trained, or the plan of the steps: with another one the mask is looked at again. */
export const PLAN_KEYS: readonly FieldKey[] = ['epochs', 'maxSteps', 'batchTokens', 'heldout', 'context', 'tooLong', 'seed', 'teacher', 'teacherTop', 'teacherShown', ...SPAN_WEIGHTS]

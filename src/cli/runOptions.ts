// The options that set a training run: `retort train` takes them, and `retort plan` to say what a run would be.
import { resolve } from 'node:path'
import { recipeNameSchema } from '../shared/records/recipe.ts'
import { settingsShapeSchema } from '../shared/records/run.ts'
import type { SettingsInput } from '../engine/training/index.ts'
import type { OptionTable, Values } from './command.ts'
import { usageError } from './parse.ts'

export const RUN_OPTIONS = {
  recipe: { kind: 'text', value: 'NAME', help: 'span recipe (default: sad)', choices: recipeNameSchema.options },
  rank: { kind: 'int', value: 'N', help: 'LoRA rank (default: 16)', min: 1, max: 1024 },
  alpha: { kind: 'number', value: 'X', help: 'LoRA alpha; the adapter is scaled by alpha / rank (default: 32)' },
  targets: { kind: 'text', value: 'WHICH', help: 'linear layers that carry an adapter: all, attention, mlp, or names with commas, such as attn_q,attn_v or q_proj,v_proj (default: all)' },
  rslora: { kind: 'flag', help: 'scale the adapter by alpha / sqrt(rank) (rank-stabilised LoRA)' },
  dropout: { kind: 'number', value: 'SHARE', help: "share of each adapter's inputs that are dropped at random in training (default: 0)", min: 0, max: 0.9 },
  lr: { kind: 'number', value: 'X', help: 'peak learning rate (default: 2e-4)' },
  schedule: { kind: 'text', value: 'NAME', help: 'after the warm-up (default: linear)', choices: ['linear', 'cosine', 'constant'] },
  warmup: { kind: 'int', value: 'N', help: 'warm-up steps (default: 4)', min: 0 },
  epochs: { kind: 'number', value: 'X', help: 'passes over the data (default: 1)' },
  'max-steps': { kind: 'int', value: 'N', help: 'stop the plan after this many steps', min: 1 },
  'batch-tokens': { kind: 'int', value: 'N', help: 'tokens of an optimiser step, whole examples (default: 2048)', min: 1 },
  'micro-tokens': { kind: 'int', value: 'N', help: 'tokens of one forward and backward pass, shared beginnings counted once (default: 256)', min: 1 },
  base: { kind: 'text', value: 'HOW', help: "frozen weights in memory: f32, or quantised as the student's file has them (less memory, more time, the same numbers); auto: f32 where it fits (default: auto)", choices: settingsShapeSchema.shape.base.options },
  recompute: { kind: 'flag', help: 'compute blocks again in the backward pass: less memory, more time' },
  'weight-decay': { kind: 'number', value: 'X', help: 'decoupled weight decay (default: 0)', min: 0 },
  clip: { kind: 'number', value: 'X', help: 'largest global gradient norm; 0: no clipping (default: 1)', min: 0 },
  teacher: { kind: 'text', value: 'FILE', help: "a teacher's distributions, made by `retort teacher`, or a GGUF model that computes them while the run trains: kinds with a KL weight are trained towards them (thoughts in recipe sad)" },
  'teacher-top': { kind: 'int', value: 'K', help: 'tokens that a teacher names in each distribution, where it is a model (default: 32)', min: 1, max: 1024 },
  'teacher-shown': { kind: 'text', value: 'WHAT', help: 'what such a teacher reads: student: the messages that the student sees; answer: also which answer the run ends with (default: student)', choices: ['student', 'answer'] },
  kl: { kind: 'text', value: 'WHICH', help: "divergence to a teacher's distribution, where there is one: forward KL, reverse KL, or the generalised JSD between them (default: forward)", choices: settingsShapeSchema.shape.kl.options },
  'kl-beta': { kind: 'number', value: 'X', help: 'beta of the JSD: 0 is forward KL, 1 reverse KL (default: 0.5)', min: 0, max: 1 },
  temperature: { kind: 'number', value: 'X', help: 'softens teacher and student in the divergence, which is multiplied by its square (default: 1)' },
  'reason-ce': { kind: 'number', value: 'W', help: "weight of thoughts' tokens as targets, in place of the recipe's", min: 0, max: 1000 },
  'reason-kl': { kind: 'number', value: 'W', help: "weight of thoughts' divergence to the teacher's distribution, in place of the recipe's (l_r of SAD; without a teacher the token is the target)", min: 0, max: 1000 },
  'act-ce': { kind: 'number', value: 'W', help: "weight of actions' tokens as targets, in place of the recipe's (l_a of SAD; there answers are as actions)", min: 0, max: 1000 },
  'act-kl': { kind: 'number', value: 'W', help: "weight of actions' divergence to the teacher's distribution, in place of the recipe's", min: 0, max: 1000 },
  'final-ce': { kind: 'number', value: 'W', help: "weight of answers' tokens as targets, in place of the recipe's", min: 0, max: 1000 },
  'final-kl': { kind: 'number', value: 'W', help: "weight of answers' divergence to the teacher's distribution, in place of the recipe's", min: 0, max: 1000 },
  'stay-close': { kind: 'number', value: 'W', help: 'weight of the KL to the student as it was, which keeps what it could do before (default: 0)', min: 0 },
  'learn-span-weights': { kind: 'flag', help: 'learn the weights of thoughts, actions and answers (uncertainty weighting)' },
  'project-gradients': { kind: 'flag', help: 'where thoughts and actions pull a matrix in opposite directions, let each give up what harms the other (PCGrad); twice the time' },
  seed: { kind: 'int', value: 'N', help: 'seed of the start values and of the order (default: 1)', min: 0 },
  heldout: { kind: 'number', value: 'SHARE', help: 'share of tasks held out (default: 0.1)', min: 0, max: 0.9 },
  threads: { kind: 'int', value: 'N', help: 'threads (default: all cores)', min: 1 },
  context: { kind: 'int', value: 'N', help: 'longest example in tokens (default: 2048)', min: 8 },
  'too-long': { kind: 'text', value: 'WHAT', help: 'examples longer than that (default: refuse)', choices: ['refuse', 'drop', 'keep-last'] },
  'checkpoint-every': { kind: 'int', value: 'N', help: 'steps between checkpoints (default: 10)', min: 1 },
  'heldout-every': { kind: 'int', value: 'N', help: 'steps between held-out evaluations while training; 0: only before and after (default: 0)', min: 0 },
  'heldout-tokens': { kind: 'int', value: 'N', help: 'tokens of each of those, whole examples; 0: the whole held-out side (default: 0)', min: 0 },
  'early-stop': { kind: 'text', value: 'WHAT', help: 'end when held-out evaluations bring no gain in the loss, or in the accuracy of ACT tokens (default: off); evaluates every 10 steps unless --heldout-every says otherwise', choices: settingsShapeSchema.shape.earlyStop.options },
  patience: { kind: 'int', value: 'N', help: 'evaluations in a row without a gain that end it (default: 3)', min: 1 },
  'min-gain': { kind: 'number', value: 'X', help: 'a gain of this much or less is none: nats a token, or a share (default: 0)', min: 0 },
  'samples-every': { kind: 'int', value: 'N', help: 'steps between two times that the student answers held-out prompts; 0: never (default: 0)', min: 0 },
  'sample-prompts': { kind: 'int', value: 'N', help: 'how many (default: 3)', min: 1, max: 50 },
} as const satisfies OptionTable

/** A group, or a list of names. */
const targetsOf = (text: string | undefined): SettingsInput['targets'] =>
  text === undefined || text === 'all' || text === 'attention' || text === 'mlp' ? text : text.split(',').map((name) => name.trim())

/** Options that only say how a teacher is listened to. */
const OF_TEACHER = ['teacher-top', 'teacher-shown', 'kl', 'kl-beta', 'temperature'] as const

function requireTeacher(options: Values<typeof RUN_OPTIONS>): void {
  const given = OF_TEACHER.filter((name) => options[name] !== undefined)
  if (options.teacher !== undefined || given.length === 0) return
  throw usageError({
    message: 'without a teacher this has no effect',
    where: `retort ${OF_TEACHER.map((name) => `--${name}`).join(', ')}`,
    found: given.map((name) => `--${name}`).join(', '),
    expected: '--teacher FILE with it: distributions as `retort teacher` makes them, or a GGUF model',
  })
}

/** What is not given takes the default; files are named from `cwd`. Throws a usage error for what would have no effect. */
export function settingsOf(options: Values<typeof RUN_OPTIONS>, cwd: string): SettingsInput {
  requireTeacher(options)
  return settingsIn(options, cwd)
}

const settingsIn = (options: Values<typeof RUN_OPTIONS>, cwd: string): SettingsInput => ({
  recipe: options.recipe ?? 'sad',
  rank: options.rank,
  alpha: options.alpha,
  targets: targetsOf(options.targets),
  rsLora: options.rslora,
  dropout: options.dropout,
  lr: options.lr,
  schedule: options.schedule,
  warmupSteps: options.warmup,
  epochs: options.epochs,
  maxSteps: options['max-steps'],
  batchTokens: options['batch-tokens'],
  microTokens: options['micro-tokens'],
  base: options.base,
  recompute: options.recompute,
  weightDecay: options['weight-decay'],
  clipNorm: options.clip,
  teacher: options.teacher === undefined ? undefined : resolve(cwd, options.teacher),
  teacherTop: options['teacher-top'],
  teacherShown: options['teacher-shown'],
  kl: options.kl,
  klBeta: options['kl-beta'],
  temperature: options.temperature,
  reasonCe: options['reason-ce'],
  reasonKl: options['reason-kl'],
  actCe: options['act-ce'],
  actKl: options['act-kl'],
  finalCe: options['final-ce'],
  finalKl: options['final-kl'],
  stayClose: options['stay-close'],
  learnSpanWeights: options['learn-span-weights'],
  projectGradients: options['project-gradients'],
  seed: options.seed,
  heldout: options.heldout,
  threads: options.threads,
  context: options.context,
  tooLong: options['too-long'],
  checkpointEvery: options['checkpoint-every'],
  heldoutEvery: options['heldout-every'],
  heldoutTokens: options['heldout-tokens'],
  earlyStop: options['early-stop'],
  patience: options.patience,
  minGain: options['min-gain'],
  samplesEvery: options['samples-every'],
  samplePrompts: options['sample-prompts'],
})

/** Where options have other names than the settings that they give. */
const OTHERWISE: Readonly<Record<string, string>> = { rsLora: 'rslora', warmupSteps: 'warmup', clipNorm: 'clip' }

/** Settings as their options, where each is one: "lr" is "--lr", "actCe, actKl" is "--act-ce, --act-kl"; anything else as it is. */
export function asOptions(names: string): string {
  const options = names.split(', ').map((name) => OTHERWISE[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  return options.every((name) => Object.hasOwn(RUN_OPTIONS, name)) ? options.map((name) => `--${name}`).join(', ') : names
}

type RunOption = keyof typeof RUN_OPTIONS

/** Which of them are given: flags only when they are set. */
export const givenOf = (options: Values<typeof RUN_OPTIONS>): RunOption[] =>
  (Object.keys(RUN_OPTIONS) as RunOption[]).filter((name) => options[name] !== undefined && options[name] !== false)

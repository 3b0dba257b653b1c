// A plan: the curriculum of a run as data. Stages in order, each with what it takes, in which order, for how long, and how it learns.
import { z } from 'zod'
import { recipeNameSchema } from './recipe.ts'

/** Places in an order, as shares of it: from 0 (first) to 1 (last). `to` itself belongs to it only where it is 1. */
export const shareRangeSchema = z
  .strictObject({ from: z.number().min(0).max(1), to: z.number().min(0).max(1) })
  .refine(({ from, to }) => from < to, { error: 'from must be below to' })
export type ShareRange = z.infer<typeof shareRangeSchema>

/**
 * What makes a trajectory hard. 'sad': C = a |reason tokens| + b |act tokens| + g mean teacher entropy (methods.md 6; without
 * a known entropy its part is 0). 'steps': agent turns. 'tools': distinct tools called. 'loss': turn-macro NLL under the
 * untrained student.
 */
export const complexitySchema = z.discriminatedUnion('metric', [
  z.strictObject({
    metric: z.literal('sad'),
    a: z.number().min(0).default(1),
    b: z.number().min(0).default(1),
    g: z.number().min(0).default(0),
  }),
  z.strictObject({ metric: z.literal('steps') }),
  z.strictObject({ metric: z.literal('tools') }),
  z.strictObject({ metric: z.literal('loss') }),
])
export type Complexity = z.infer<typeof complexitySchema>
export type ComplexityMetric = Complexity['metric']
export const COMPLEXITY_METRICS = ['sad', 'steps', 'tools', 'loss'] as const satisfies readonly ComplexityMetric[]

/** How the agent went about it: 'cot' thinks and answers in one turn without a tool, 'react' thinks and acts, 'act' acts without a thought. */
export const methodSchema = z.enum(['cot', 'react', 'act'])
export type Method = z.infer<typeof methodSchema>

/** Which of the training side's trajectories a stage takes: all that every key lets through. */
export const stageFilterSchema = z.strictObject({
  /** Formats that were imported, e.g. `fireact-alpaca`. */
  format: z.array(z.string()).optional(),
  /** Names of imported files. */
  file: z.array(z.string()).optional(),
  method: z.array(methodSchema).optional(),
  /** Any of them. */
  tags: z.array(z.string()).optional(),
  outcome: z.array(z.enum(['success', 'failure', 'unknown'])).optional(),
  /** A part of the training side's tasks, by task: trajectories of one question, in whatever format, go together. */
  split: shareRangeSchema.optional(),
  /** By the rank of complexity over the whole training side. */
  complexity: shareRangeSchema.optional(),
  /** Trajectory ids, or their beginnings. */
  ids: z.array(z.string().min(1)).optional(),
})
export type StageFilter = z.infer<typeof stageFilterSchema>

/** Each group's share of what the stage draws, in proportion; groups that are not named are not drawn. */
export const mixSchema = z.strictObject({
  by: z.enum(['format', 'file', 'method', 'outcome']),
  shares: z.record(z.string(), z.number().min(0)).refine((shares) => Object.values(shares).some((share) => share > 0), {
    error: 'at least one share must be above 0',
  }),
})
export type Mix = z.infer<typeof mixSchema>

/** Stage ends early once the ACT accuracy on the frozen held-out set is `actAccuracy` or more. */
export const gateSchema = z.strictObject({
  actAccuracy: z.number().min(0).max(1),
  /** Steps of the stage between two measurements; its end is one, too. */
  every: z.int().min(1),
  /** What happens when the stage's length is used up: go on with the next stage, or end the run there. */
  otherwise: z.enum(['advance', 'stop']),
})
export type Gate = z.infer<typeof gateSchema>

export const stageSchema = z.strictObject({
  name: z.string().min(1).max(60),
  filter: stageFilterSchema.default({}),
  order: z.enum(['easy-to-hard', 'hard-to-easy', 'shuffled']).default('easy-to-hard'),
  /** With a gate: at most so long. */
  length: z
    .discriminatedUnion('unit', [
      z.strictObject({ unit: z.literal('passes'), passes: z.number().positive().max(1000) }),
      z.strictObject({ unit: z.literal('steps'), steps: z.int().min(1).max(10_000_000) }),
    ])
    .default({ unit: 'passes', passes: 1 }),
  mix: mixSchema.nullable().default(null),
  /** Share of what the stage draws that comes from earlier stages. */
  replay: z.number().min(0).max(0.9).default(0),
  /** null: those of the run's settings. */
  recipe: recipeNameSchema.nullable().default(null),
  lr: z.number().positive().nullable().default(null),
  /** Loss settings of the run that differ in this stage, by name. */
  losses: z.record(z.string(), z.json()).default({}),
  gate: gateSchema.nullable().default(null),
})
export type Stage = z.infer<typeof stageSchema>

/**
 * L_curriculum (methods.md 6): all token weights of trajectory i are multiplied by exp(-10 gamma max(0, r_i - c(t))), with
 * the rank r_i in [0, 1] and c(t) = min(1, sqrt(c0^2 + (1 - c0^2) t / T_c)); t counts the run's steps from 0.
 */
export const pacingSchema = z.strictObject({
  gamma: z.number().min(0).max(50),
  c0: z.number().min(0).max(1).default(0.2),
  /** T_c in steps; null: half of the run's. */
  steps: z.int().min(1).nullable().default(null),
})
export type Pacing = z.infer<typeof pacingSchema>

export const PLAN_VERSION = 1
export const planSchema = z.strictObject({
  version: z.literal(PLAN_VERSION),
  name: z.string().trim().min(1).max(80),
  complexity: complexitySchema.default({ metric: 'sad', a: 1, b: 1, g: 0 }),
  pacing: pacingSchema.nullable().default(null),
  stages: z.array(stageSchema).min(1).max(50),
})
export type Plan = z.infer<typeof planSchema>

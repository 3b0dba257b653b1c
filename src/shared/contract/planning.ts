// Surface: the curriculum: how hard trajectories are, and what a plan would do (`retort plan`).
import { z } from 'zod'
import { complexitySchema, planSchema } from '../records/plan.ts'
import { recipeNameSchema } from '../records/recipe.ts'

/** How hard the training side's trajectories are. */
export const complexityReportSchema = z.object({
  complexity: complexitySchema,
  /** What the values are, e.g. "tokens" or "nats a token". */
  unit: z.string(),
  trajectories: z.int(),
  /** Bins of equal width from the lowest value on; `to` of the last one belongs to it. */
  bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.int() })),
  /** The value at each hundredth of the ranks, 0 to 1: 101 values, none without trajectories. What a border of a stage means. */
  quantiles: z.array(z.number()),
  /** Values of the held-out side's trajectories, ascending. They are in no bin, no quantile and no stage. */
  heldout: z.array(z.number()),
  /** Trajectories without a value, each with the reason; they are not trained on. */
  left: z.array(z.object({ id: z.string(), reason: z.string() })),
})
export type ComplexityReport = z.infer<typeof complexityReportSchema>

export const planWarningSchema = z.object({
  /** 0-based; null: the plan as a whole. */
  stage: z.int().nullable(),
  code: z.enum([
    'no-trajectories', 'no-steps', 'gate-unmeasurable', 'gate-never-checked', 'replay-without-earlier', 'mix-group-missing',
    'mix-group-left-out', 'entropy-unknown', 'never-reached', 'cut-off', 'rate-unknown', 'memory', 'ids-missing', 'pacing-too-long',
  ]),
  message: z.string(),
})
export type PlanWarning = z.infer<typeof planWarningSchema>

const loadSchema = z.object({
  steps: z.int(),
  /** Tokens that run through the model, and those of them with a loss weight. */
  tokens: z.int(),
  trainedTokens: z.int(),
  /** Of the steps, and of measuring held-out trajectories; null while the rate is unknown. */
  seconds: z.number().nullable(),
  heldoutSeconds: z.number().nullable(),
  /** Highest resident memory of the trainer; null when it cannot be told. */
  peakMemoryBytes: z.number().nullable(),
})

export const stageLoadSchema = loadSchema.extend({
  name: z.string(),
  recipe: recipeNameSchema,
  /** The stage's own, without replay. */
  trajectories: z.int(),
  examples: z.int(),
  /** Examples that were drawn, and those of them from earlier stages. */
  drawn: z.int(),
  replayed: z.int(),
  /** Values of complexity of its own trajectories; null without any. */
  complexity: z.object({ least: z.number(), mean: z.number(), most: z.number() }).nullable(),
  lr: z.object({ first: z.number(), last: z.number() }).nullable(),
  /** Tokens of the longest example. */
  longest: z.int(),
  /** How often its gate is measured when it never opens. */
  gateChecks: z.int(),
})
export type StageLoad = z.infer<typeof stageLoadSchema>

/** What a run by the plan comes to when no gate opens early: at most this. */
export const simulationSchema = z.object({
  plan: planSchema,
  stages: z.array(stageLoadSchema),
  total: loadSchema,
  trajectories: z.object({ train: z.int(), heldout: z.int(), rejected: z.int() }),
  /** Tokens a second that the times stand on, and where they are from; null: unknown. */
  rate: z.object({ tokensPerSecond: z.number(), from: z.enum(['given', 'probe', 'run']), run: z.string().nullable() }).nullable(),
  warnings: z.array(planWarningSchema),
  /** Trajectories left out, or not taken whole, by trajectory. */
  left: z.array(z.object({ id: z.string(), reason: z.string() })),
})
export type Simulation = z.infer<typeof simulationSchema>

/** A decision at a gate, as the run's folder keeps it: after `step` steps of the run. */
export const gateDecisionSchema = z.object({
  stage: z.int().min(0),
  step: z.int().min(1),
  actAccuracy: z.number().nullable(),
  /** 'wait': the stage goes on. 'advance' and 'stop' end it. */
  decision: z.enum(['open', 'wait', 'advance', 'stop']),
})
export type GateDecision = z.infer<typeof gateDecisionSchema>

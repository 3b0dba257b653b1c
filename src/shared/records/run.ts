// A run: one training of an adapter, with the settings it was started with.
import { z } from 'zod'
import { planSchema } from './plan.ts'
import { computeSchema, providerNameSchema } from './provider.ts'
import { recipeNameSchema } from './recipe.ts'

/** Linear layers that carry an adapter: a group, or names such as attn_q, q_proj or blk.0.attn_q.weight. */
const loraTargetsSchema = z.union([z.enum(['all', 'attention', 'mlp']), z.array(z.string().min(1)).min(1)])
export type LoraTargets = z.infer<typeof loraTargetsSchema>

const spanWeight = z.number().min(0).max(1000).optional()

/** As below, without values for what older runs do not say: what a caller leaves open stays open. */
export const settingsShapeSchema = z.object({
  recipe: recipeNameSchema,
  rank: z.int().min(1).max(1024),
  alpha: z.number().positive(),
  targets: loraTargetsSchema,
  /** The adapter is scaled by alpha / sqrt(rank), not alpha / rank. */
  rsLora: z.boolean(),
  /** Share of each adapter's inputs that are dropped at random in training. */
  dropout: z.number().min(0).max(0.9),
  lr: z.number().positive(),
  /** 'linear' decays to 0 at the last step, 'cosine' likewise, 'constant' stays. All after the warm-up. */
  schedule: z.enum(['linear', 'cosine', 'constant']),
  warmupSteps: z.int().min(0),
  epochs: z.number().positive(),
  maxSteps: z.int().min(1).optional(),
  /** Tokens of an optimiser step (it takes whole examples until this many are reached). */
  batchTokens: z.int().min(1),
  /**
   * Tokens of one forward+backward pass (packed examples, of which what they begin with in common counts once; an example longer than
   * this is a pass of its own, and a beginning of half as many tokens that all of a pass share does not count).
   */
  microTokens: z.int().min(1),
  /** Blocks are computed again in the backward pass instead of keeping their inner values: less memory, more time. */
  recompute: z.boolean(),
  weightDecay: z.number().min(0),
  /** Global gradient norm is clipped to this; 0 switches clipping off. */
  clipNorm: z.number().min(0),
  /**
   * A teacher's distributions: a file of them, as `retort teacher` makes it, or a model (GGUF) that computes them while the run
   * trains; absent: the recorded words alone.
   */
  teacher: z.string().min(1).optional(),
  /** Of a teacher that is a model: tokens named in each distribution (absent: 32), and what it is shown (absent: the student's messages). */
  teacherTop: z.int().min(1).max(1024).optional(),
  teacherShown: z.enum(['student', 'answer']).optional(),
  /** Which divergence to a teacher's distribution, where there is one: KL(T||S), KL(S||T), or the generalised JSD between them. */
  kl: z.enum(['forward', 'reverse', 'jsd']),
  /** Of the generalised JSD: 0 is forward KL, 1 reverse KL. */
  klBeta: z.number().min(0).max(1),
  /** Softens both distributions; the divergence is multiplied by its square. */
  temperature: z.number().positive(),
  /** Weight of the KL of each trained token to the student without its adapter; 0: none. */
  stayClose: z.number().min(0),
  /**
   * Loss weights of a kind's tokens in place of the recipe's (absent: the recipe's own): `Ce` of the cross entropy to the token,
   * `Kl` of the divergence to the teacher's distribution, which counts towards the token where there is none. In SAD l_r is
   * `reasonKl`, l_a is `actCe` or `actKl`; there `final` is as `act` unless it says otherwise.
   */
  reasonCe: spanWeight,
  reasonKl: spanWeight,
  actCe: spanWeight,
  actKl: spanWeight,
  finalCe: spanWeight,
  finalKl: spanWeight,
  /** Weights of span kinds are learned (uncertainty weighting). */
  learnSpanWeights: z.boolean(),
  /** Where gradients by reason tokens and by all others oppose, each gives up what harms the other (PCGrad); doubles the time. */
  projectGradients: z.boolean(),
  seed: z.int().min(0),
  /** Share of tasks held out. */
  heldout: z.number().min(0).max(0.9),
  /** Threads of the runtime; fixed, because another count gives other rounding. */
  threads: z.int().min(1),
  /** Where the graphs run. Numbers of another provider differ in their last digits: a run that goes on keeps its own. */
  provider: providerNameSchema,
  /** f16: frozen weights and activations in half precision, for providers that are graphics cards. */
  compute: computeSchema,
  /**
   * How frozen weights lie in memory: as float32, or quantised as the student's file has them, each decoded where it is used (less memory,
   * more time, the same numbers). 'auto', before a run is made: float32 where it fits.
   */
  base: z.enum(['auto', 'f32', 'quantised']),
  /** Longest example in tokens; longer ones are listed and handled by `tooLong`. */
  context: z.int().min(8),
  tooLong: z.enum(['refuse', 'drop', 'keep-last']),
  /** Optimiser steps between checkpoints. */
  checkpointEvery: z.int().min(1),
  /** Optimiser steps between held-out evaluations while training; 0: only before the first step and after the last. */
  heldoutEvery: z.int().min(0),
  /** Tokens of the held-out side that each of those takes (whole examples, the same each time); 0: the whole side. */
  heldoutTokens: z.int().min(0),
  /** Ends the run when held-out evaluations bring no gain: in the loss of agent tokens, or in the share of ACT tokens put first. */
  earlyStop: z.enum(['off', 'loss', 'act']),
  /** So many evaluations in a row without a gain end it. */
  patience: z.int().min(1),
  /** A gain of this much or less is none: nats a token, or a share. */
  minGain: z.number().min(0),
  /** Optimiser steps between two times that the student answers held-out prompts; 0: never. */
  samplesEvery: z.int().min(0),
  /** How many prompts, the same each time. */
  samplePrompts: z.int().min(1).max(50),
})

/** All that decides a run's numbers, beside the student file and the dataset revision. */
export const trainSettingsSchema = settingsShapeSchema.extend({
  targets: settingsShapeSchema.shape.targets.default('all'),
  rsLora: settingsShapeSchema.shape.rsLora.default(false),
  dropout: settingsShapeSchema.shape.dropout.default(0),
  recompute: settingsShapeSchema.shape.recompute.default(false),
  provider: settingsShapeSchema.shape.provider.default('cpu'),
  compute: settingsShapeSchema.shape.compute.default('f32'),
  base: settingsShapeSchema.shape.base.default('f32'),
  heldoutEvery: settingsShapeSchema.shape.heldoutEvery.default(0),
  heldoutTokens: settingsShapeSchema.shape.heldoutTokens.default(0),
  kl: settingsShapeSchema.shape.kl.default('forward'),
  klBeta: settingsShapeSchema.shape.klBeta.default(0.5),
  temperature: settingsShapeSchema.shape.temperature.default(1),
  stayClose: settingsShapeSchema.shape.stayClose.default(0),
  learnSpanWeights: settingsShapeSchema.shape.learnSpanWeights.default(false),
  projectGradients: settingsShapeSchema.shape.projectGradients.default(false),
  earlyStop: settingsShapeSchema.shape.earlyStop.default('off'),
  patience: settingsShapeSchema.shape.patience.default(3),
  minGain: settingsShapeSchema.shape.minGain.default(0),
  samplesEvery: settingsShapeSchema.shape.samplesEvery.default(0),
  samplePrompts: settingsShapeSchema.shape.samplePrompts.default(3),
})
export type TrainSettings = z.infer<typeof trainSettingsSchema>
export const SPAN_WEIGHTS = ['reasonCe', 'reasonKl', 'actCe', 'actKl', 'finalCe', 'finalKl'] as const satisfies readonly (keyof TrainSettings)[]
/** Loss weights of kinds that take the place of the recipe's. */
export type SpanWeightSettings = Pick<TrainSettings, (typeof SPAN_WEIGHTS)[number]>
export type LossSettings = Pick<TrainSettings, 'kl' | 'klBeta' | 'temperature' | 'stayClose' | 'learnSpanWeights' | 'projectGradients'>

export const runStateSchema = z.enum(['preparing', 'training', 'paused', 'stopped', 'finished', 'failed'])
export type RunState = z.infer<typeof runStateSchema>

export const runSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  state: runStateSchema,
  student: z.object({ path: z.string(), sha256: z.string(), architecture: z.string() }),
  datasetRevision: z.string(),
  settings: trainSettingsSchema,
  /** Optimiser steps of the whole plan; null for runs of before this was written down. */
  plannedSteps: z.int().nullable().default(null),
  /** The curriculum; absent: one stage over the whole training side, by the settings alone. */
  plan: planSchema.optional(),
  /** Filled when the run ends or stops: the summary that `retort train --json` prints. */
  result: z.unknown().nullable(),
  error: z.string().nullable(),
})
export type Run = z.infer<typeof runSchema>

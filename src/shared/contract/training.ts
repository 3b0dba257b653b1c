// Surface: a training run and what comes out of it (`retort train`, `retort runs`, `retort export`, `retort bench train`).
import { z } from 'zod'
import { computeSchema, providerNameSchema } from '../records/provider.ts'
import { runStateSchema, trainSettingsSchema } from '../records/run.ts'
import { teacherMetaSchema } from '../records/teacherMeta.ts'
import { byTokenKind } from './counts.ts'
import { alertSchema, bestPointSchema, heldoutSchema, sampleSchema } from './metrics.ts'
import { gateDecisionSchema } from './planning.ts'

/** Why a trajectory is not trained on, or not whole. */
export const leftWhySchema = z.enum(['rejected', 'too-long', 'no-example', 'refused', 'shortened'])
export type LeftWhy = z.infer<typeof leftWhySchema>

export const leftSchema = z.object({
  trajectoryId: z.string(),
  reason: z.string(),
  /** Runs made before this was written down have the reason alone. */
  why: leftWhySchema.optional(),
  /** Of an example that is too long. */
  tokens: z.int().optional(),
  /** Another part of the trajectory is taken. */
  part: z.literal(true).optional(),
})
export type Left = z.infer<typeof leftSchema>

/** A teacher's distributions as a run found them, and how much of what it asked for they cover. */
const teacherOfRunSchema = z.object({
  label: z.string(),
  /** Tokens that each distribution names. */
  k: z.int(),
  /** Of the student's tokens, by which the file knows them. */
  fingerprint: z.string(),
  /** Tokens that are trained towards a distribution, of those that the recipe wants trained so, held-out ones included. */
  tokens: z.int(),
  of: z.int(),
  /** Mean probability of the named tokens together; null: a model that computes them while the run trains, and has not yet. */
  mass: z.number().nullable(),
  /** Which distributions they are, so that others are refused; absent in runs that were made before it was kept. */
  meta: teacherMetaSchema.optional(),
})

/** What a run trains on, fixed when it is made. */
export const trainedOnSchema = z.object({
  /** The recipe and what its losses are, e.g. that its targets are hard. */
  recipe: z.string(),
  /** Absent without one. */
  teacher: teacherOfRunSchema.optional(),
  /** Tokens with a loss weight by kind, over the training side once. */
  counts: byTokenKind(z.int()),
  /** Tokens whose characters belong to two spans. */
  straddling: z.int(),
  /** Trajectories that are not trained on, or not whole, each with the reason. */
  left: z.array(leftSchema),
})
export type TrainedOn = z.infer<typeof trainedOnSchema>

/** What a stage of the plan came to; one that was not reached has 0 steps. */
export const stageSummarySchema = z.object({
  name: z.string(),
  steps: z.int(),
  tokens: z.int(),
  trainedTokens: z.int(),
  seconds: z.number(),
  loss: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
  /** Decisions at its gate, in order. */
  gate: z.array(gateDecisionSchema),
})
export type StageSummary = z.infer<typeof stageSummarySchema>

const beforeAfter = z.object({ before: z.number(), after: z.number() })

export const trainSummarySchema = trainedOnSchema.extend({
  run: z.string(),
  steps: z.int(),
  /** Tokens with a loss weight, over all steps. */
  trainedTokens: z.int(),
  /** Of the first and the last step; null before any. */
  loss: z.object({ first: z.number().nullable(), last: z.number().nullable(), byKind: byTokenKind(z.number()) }),
  /** 'stopped': saved before its end; `--resume` goes on. */
  state: z.enum(['finished', 'stopped']),
  /** Mean nll over held-out agent tokens; observe is for reference. null when nothing was held out, or before the end. */
  heldout: beforeAfter
    .extend({ byKind: byTokenKind(beforeAfter), detail: z.object({ before: heldoutSchema, after: heldoutSchema }) })
    .nullable(),
  tokensPerSecond: z.number(),
  peakMemoryBytes: z.int(),
  /** By stage of the run's plan; absent in a run without one. */
  stages: z.array(stageSummarySchema).optional(),
  /** Why it ended before its plan did; null: it did not. */
  endedEarly: z.string().nullable().default(null),
  /** The best of the held-out curve; null without one. */
  best: bestPointSchema.nullable().default(null),
  /** That no point of it beat the untrained student, in words; absent where one did, or nothing was measured. */
  noGain: z.string().optional(),
  /** Path of the llama.cpp LoRA GGUF of the last step. */
  adapter: z.string(),
  /** The same of the best step, where that is another one; else null. */
  bestAdapter: z.string().nullable().default(null),
  /** Path of the metrics file, one `MetricsLine` a line. */
  metrics: z.string(),
})
export type TrainSummary = z.infer<typeof trainSummarySchema>

/** A stretch of a run in one environment; `fromStep`: steps that were done when it began. */
export const environmentSchema = z.object({
  at: z.string(),
  fromStep: z.int(),
  app: z.string(),
  node: z.string(),
  /** Of onnxruntime-node. */
  onnxruntime: z.string(),
  platform: z.string(),
  release: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.int(),
  /** Of the runtime. */
  threads: z.int(),
})
export type Environment = z.infer<typeof environmentSchema>

/** Which adapter of a run: that of its last step, or of the best of its held-out curve. */
export const whichSchema = z.enum(['best', 'last'])
export type Which = z.infer<typeof whichSchema>

export const benchReportSchema = z.object({
  tokensPerSecond: z.number(),
  /** Of tokens with a loss. */
  supervisedPerSecond: z.number(),
  gflops: z.number(),
  /** What matrix products alone reach at the student's shapes in the same run. */
  limitGflops: z.number(),
  /** Highest resident memory of the process that trained. */
  peakMemoryBytes: z.int(),
  tokens: z.int(),
  rank: z.int(),
  threads: z.int(),
  provider: providerNameSchema,
  compute: computeSchema,
  /** Loss of the first step: that of the plain student, since an adapter starts as no change. */
  lossFirst: z.number(),
  /** Of the timed steps, after one that is not timed. */
  stepSeconds: z.array(z.number()),
  /** Share of a step outside the graph: clipping and the optimiser. */
  optimiserShare: z.number(),
})
export type BenchReport = z.infer<typeof benchReportSchema>

/** 'interrupted': its process was killed or the machine went off; it goes on from its newest checkpoint. */
export const liveRunStateSchema = z.enum([...runStateSchema.options, 'interrupted'])
export type LiveRunState = z.infer<typeof liveRunStateSchema>

export const runRowSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  state: liveRunStateSchema,
  student: z.object({ path: z.string(), name: z.string(), architecture: z.string() }),
  settings: trainSettingsSchema,
  steps: z.object({ done: z.int(), total: z.int() }),
  /** Of the first and the newest step. */
  loss: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
  /** Mean nll of held-out agent tokens, before training and at the newest evaluation; both over the same tokens. */
  heldout: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
  tokensPerSecond: z.number().nullable(),
  trainedTokens: z.int(),
  /** Path of the adapter to chat with or export, once it has one. */
  adapter: z.string().nullable(),
  error: z.string().nullable(),
  /** The run's plan: its stages, and the 0-based one that the newest step belongs to; absent in a run without one. */
  plan: z.object({ name: z.string(), stages: z.array(z.string()), stage: z.int().nullable() }).optional(),
})
export type RunRow = z.infer<typeof runRowSchema>

/** A run with all that is written down of it beside its metrics. */
export const runDetailSchema = z.object({
  row: runRowSchema,
  datasetRevision: z.string(),
  /** The run that it repeats. */
  like: z.string().nullable(),
  best: bestPointSchema.nullable(),
  /** What `export` and chat take when nothing is said. */
  usual: whichSchema,
  endedEarly: z.string().nullable(),
  alerts: z.array(alertSchema),
  samples: z.array(sampleSchema),
  environments: z.array(environmentSchema),
})
export type RunDetail = z.infer<typeof runDetailSchema>

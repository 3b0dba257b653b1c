// What a run writes down while it trains: steps, held-out figures, alerts, samples.
import { z } from 'zod'
import { tokenPartSchema } from '../records/example.ts'
import { spanKindSchema } from '../records/span.ts'
import { byTokenKind } from './counts.ts'

/** One optimiser step: a line of the run's metrics file. Losses are nats a token. */
export const metricsLineSchema = z.object({
  /** Completed steps, this one included. */
  step: z.int().min(1),
  /** sum(w l) / sum(w) over the step, with the weights before pacing, so that steps can be compared; null when it or a gradient was not finite: the step then changed nothing. */
  loss: z.number().nullable(),
  /** Plain mean of the trained tokens of each kind; every tenth step, from the first on, also of observe, for reference. */
  byKind: byTokenKind(z.number()),
  /** Share of trained ACT tokens that the student puts first; null without any. */
  actAccuracy: z.number().nullable(),
  lr: z.number(),
  /** Global norm before clipping; null with the loss. */
  gradNorm: z.number().nullable(),
  /** Tokens that ran through the model, context included, and those of them that were trained on. */
  tokens: z.int(),
  trainedTokens: z.int(),
  seconds: z.number(),
  /** sum(f w) / sum(w): the share of the step's weight that L_curriculum lets through, by which what is minimised is smaller; absent without pacing. */
  pace: z.number().optional(),
  /** Mean KL to the teacher of the tokens of each kind that are trained towards its distribution. */
  klByKind: byTokenKind(z.number()).optional(),
  /** Tokens that were to be, and that the teacher has no distribution for: trained towards the token itself. */
  withoutTeacher: z.int().optional(),
  /** Mean KL of trained tokens to the student without its adapter. */
  baseKl: z.number().optional(),
  /** Learned weights that the step was made with. */
  spanWeights: z.partialRecord(spanKindSchema, z.number()).optional(),
  /** Share of adapter matrices whose gradients by reason tokens and by all others oppose. */
  conflicts: z.number().optional(),
  /** 0-based stage of the run's plan; absent in a run without one. */
  stage: z.int().min(0).optional(),
})
export type MetricsLine = z.infer<typeof metricsLineSchema>

/** Figures of a held-out evaluation: means over its tokens, by kind and by finer part. */
const meanSchema = z.object({
  /** Nats a token. */
  nll: z.number(),
  /** Share of tokens that the student puts first. */
  accuracy: z.number(),
  tokens: z.int(),
})
export const heldoutSchema = z.object({
  /** Over agent tokens and the ends of their turns. */
  agent: meanSchema,
  byKind: byTokenKind(meanSchema),
  byPart: z.partialRecord(tokenPartSchema, meanSchema),
})
export type Heldout = z.infer<typeof heldoutSchema>

/** A held-out evaluation: `step` optimiser steps were done. `result.agent.tokens` says over how many tokens. */
export const heldoutPointSchema = z.object({
  step: z.int().min(0),
  result: heldoutSchema,
  /** Over the whole held-out side; else over the part of it that `settings.heldoutTokens` allows, the same at every point. */
  whole: z.boolean(),
})
export type HeldoutPoint = z.infer<typeof heldoutPointSchema>

/** The best of the held-out curve, by what the run is judged by: nats a token, or the share of ACT tokens put first. */
export const bestPointSchema = z.object({ step: z.int().min(1), on: z.enum(['loss', 'act']), value: z.number() })

/** Something to look at in a run: a line of its `events.jsonl`, which only grows. */
export const alertSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  /** Completed steps. */
  step: z.int().min(0),
  type: z.enum([
    'spike', 'plateau', 'nan-skip', 'lr-halved', 'lr-restored', 'diverged', 'heldout-skip', 'early-stop', 'disk-full', 'checkpoint-damaged',
    'environment-changed', 'samples-failed', 'memory-overrun', 'no-gain', 'teacher-thin',
  ]),
  text: z.string(),
})
export type Alert = z.infer<typeof alertSchema>

/** A held-out prompt answered while training: a line of the run's `samples.jsonl`. */
export const sampleSchema = z.object({
  /** Completed steps. */
  step: z.int().min(0),
  /** Of the example. */
  id: z.string(),
  trajectoryId: z.string(),
  /** Tokens of the prompt, and its last words. */
  promptTokens: z.int(),
  prompt: z.string(),
  /** What the trajectory has at this place, as far as the student may write. */
  reference: z.string(),
  text: z.string(),
  tokens: z.int(),
  /** 'length': there was more to say. */
  end: z.enum(['stop', 'length']),
  seconds: z.number(),
})
export type Sample = z.infer<typeof sampleSchema>

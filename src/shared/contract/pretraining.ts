// What training from nothing takes and yields.
import { z } from 'zod'
import { mergedTypeSchema } from './exporting.ts'

/** Sizes of a llama. */
export const modelShapeSchema = z
  .strictObject({
    layers: z.int().min(1).max(200),
    /** Length of a token's vector. */
    width: z.int().min(8).max(16_384),
    heads: z.int().min(1),
    kvHeads: z.int().min(1),
    /** Inner width of the gated MLP. */
    inner: z.int().min(8).max(131_072),
    /** The LM head is the embedding. */
    tied: z.boolean().default(true),
    ropeBase: z.number().positive().default(10_000),
  })
  .refine(({ width, heads }) => width % heads === 0 && (width / heads) % 2 === 0, { message: 'width must be heads times an even head size', path: ['heads'] })
  .refine(({ heads, kvHeads }) => heads % kvHeads === 0, { message: 'heads must be a multiple of kvHeads', path: ['kvHeads'] })
export type ModelShape = z.infer<typeof modelShapeSchema>

/** How texts are divided before pairs are joined, by llama.cpp's names; runs from before there was a choice have the first. */
export const preTokeniserSchema = z.enum(['gpt-2', 'smollm']).default('gpt-2')

/** Weights before the first step: drawn, or with two blocks built by hand that copy what followed the same tokens before. */
export const startSchema = z.enum(['plain', 'copying']).default('plain')

/** Fixed when a run begins. */
export const pretrainSettingsSchema = z.object({
  shape: modelShapeSchema,
  /** Tokens of the vocabulary that are wanted; it may come out smaller. */
  vocabulary: z.int().min(259).max(262_144),
  pre: preTokeniserSchema,
  start: startSchema,
  /** Tokens that are predicted in a window: the model's context. */
  window: z.int().min(16).max(65_536),
  /** Optimiser steps. */
  steps: z.int().min(1),
  /** Windows of a step. */
  perStep: z.int().min(1),
  lr: z.number().positive(),
  warmupSteps: z.int().min(0),
  weightDecay: z.number().min(0),
  clipNorm: z.number().min(0),
  seed: z.int().min(0),
  threads: z.int().min(1),
  recompute: z.boolean(),
  /** Share of the text. */
  heldout: z.number().min(0).max(0.5),
  heldoutEvery: z.int().min(0),
  checkpointEvery: z.int().min(1),
})
export type PretrainSettings = z.infer<typeof pretrainSettingsSchema>

/** A line of metrics.jsonl: an optimiser step, or (with `heldout`) what was measured after it. */
export const pretrainStepSchema = z.object({
  step: z.int().min(1),
  /** Mean over the step, nats a token; null: not finite, and left out. */
  loss: z.number().nullable(),
  lr: z.number(),
  gradNorm: z.number().nullable(),
  tokens: z.int(),
  seconds: z.number(),
  heldout: z.number().optional(),
})
export type PretrainStep = z.infer<typeof pretrainStepSchema>

export const pretrainReportSchema = z.object({
  state: z.enum(['finished', 'stopped']),
  steps: z.int(),
  plannedSteps: z.int(),
  parameters: z.int(),
  /** As it came out. */
  vocabulary: z.int(),
  documents: z.int(),
  tokens: z.object({ train: z.int(), heldout: z.int(), trained: z.int() }),
  loss: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
  /** Nats a token, and nats a byte of UTF-8 text, at the end; null where nothing is held out or the run stopped. */
  heldout: z.object({ nll: z.number(), perByte: z.number(), tokens: z.int() }).nullable(),
  tokensPerSecond: z.number().nullable(),
  peakMemoryBytes: z.int(),
  folder: z.string(),
  type: mergedTypeSchema,
  /** The model's file; of a stopped run as it is so far. */
  path: z.string(),
  bytes: z.int(),
})
export type PretrainReport = z.infer<typeof pretrainReportSchema>

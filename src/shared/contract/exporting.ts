// Surface: what a run gives away: adapters, merged students, masked examples.
import { z } from 'zod'
import { tokenKindSchema } from '../records/example.ts'
import { whichSchema } from './training.ts'

export const exportTargetSchema = z.enum(['gguf-lora', 'peft', 'merged-gguf', 'masked-jsonl'])
export type ExportTarget = z.infer<typeof exportTargetSchema>

/** How a merged student's matrices are stored, the most exact first. */
export const mergedTypeSchema = z.enum(['F32', 'F16', 'Q8_0', 'Q6_K', 'Q5_K', 'Q4_K', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0'])
export type MergedType = z.infer<typeof mergedTypeSchema>

export const exportReportSchema = z.object({
  run: z.string(),
  which: whichSchema,
  /** Optimiser steps behind what was written. */
  step: z.int().min(0),
  to: exportTargetSchema,
  path: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0) })),
  /** Of a merged file: the type asked for, the student's file, and how many tensors have which type. */
  merged: z.object({ type: mergedTypeSchema, student: z.string(), tensors: z.record(z.string(), z.int()) }).optional(),
})
export type ExportReport = z.infer<typeof exportReportSchema>

/** A line of `examples.jsonl`; `weights[i]` weighs token i as a target. */
export const exportedExampleSchema = z.object({
  id: z.string(),
  split: z.enum(['train', 'heldout']),
  ids: z.array(z.int().min(0)),
  weights: z.array(z.number()),
  /** Weights of the divergence to the teacher that the run's settings name; left out: none. */
  klWeights: z.array(z.number()).optional(),
  kinds: z.array(tokenKindSchema),
})
export type ExportedExample = z.infer<typeof exportedExampleSchema>

/** A line of `batches.jsonl`. `factors`: what the weights of each of the examples are multiplied by; left out: 1. */
export const exportedBatchSchema = z.object({
  step: z.int().min(1),
  examples: z.array(z.string()),
  lr: z.number(),
  factors: z.array(z.number()).readonly().optional(),
})
export type ExportedBatch = z.infer<typeof exportedBatchSchema>

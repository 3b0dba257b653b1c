// Surface: what a run gives away: adapters, merged students, masked examples.
import { z } from 'zod'
import { tokenKindSchema } from '../records/example.ts'
import { retortErrorSchema } from './error.ts'
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

/** An export that goes on without a page. */
export const exportJobSchema = z.object({
  id: z.string(),
  run: z.string(),
  to: exportTargetSchema,
  /** Of a merged file. */
  type: mergedTypeSchema.optional(),
  /** Where it will lie. */
  path: z.string(),
  /** Since its work began; when it has ended, what it took. */
  seconds: z.number(),
  state: z.discriminatedUnion('type', [
    /** A merged file behind another one: they are made one after the other. */
    z.object({ type: z.literal('waiting') }),
    /** `total` 0: it is not known yet, or there is little to do. Else bytes of a merged file's tensors. */
    z.object({ type: z.literal('running'), done: z.number(), total: z.number() }),
    z.object({ type: z.literal('done'), report: exportReportSchema }),
    z.object({ type: z.literal('failed'), error: retortErrorSchema }),
  ]),
})
export type ExportJob = z.infer<typeof exportJobSchema>

/** What a merged student would come to in each type. */
export const mergedSizesSchema = z.object({
  /** The run's student, which everything but the adapter is taken from. */
  student: z.string(),
  /** Which adapter is taken when none is named, and the steps behind each that there is. */
  usual: whichSchema,
  steps: z.partialRecord(whichSchema, z.int()),
  sizes: z.array(
    z.object({
      type: mergedTypeSchema,
      /** Of the whole file, up to some hundred bytes. */
      bytes: z.number(),
      /** How many tensors get which type: rows that are no whole blocks take another one than the file's. */
      tensors: z.record(z.string(), z.int()),
    }),
  ),
  /** Free on the disk of the project's exports. */
  freeBytes: z.number(),
})
export type MergedSizes = z.infer<typeof mergedSizesSchema>

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

// Surface: rollouts: a teacher's episodes as training data (`retort teach`, and the Teacher screen).
import { z } from 'zod'
import { jobSchema } from './job.ts'
import {
  batchStateSchema, budgetSchema, pricesSchema, rejectionReasonSchema, rolloutBatchSchema, rolloutSchema, usageSchema,
} from '../records/rollout.ts'

/** Rejections by reason, the most frequent first; `detail`: of the last of them. */
const rejectionsSchema = z.array(z.object({ reason: rejectionReasonSchema, count: z.int(), detail: z.string().optional() }))

/** Tokens with log-probabilities, of those written; `asked` false: they were not asked for. */
const coverageSchema = z.object({ asked: z.boolean(), tokens: z.int(), of: z.int() })

/** What there is of a batch. */
const talliesSchema = z.object({
  /** Episodes: over, and in all. */
  done: z.int(),
  total: z.int(),
  kept: z.int(),
  /** Of the kept: the project had the very same trajectory already. */
  duplicates: z.int(),
  rejected: z.int(),
  rejections: rejectionsSchema,
  usage: usageSchema,
  coverage: coverageSchema,
  /** First turns that began with the teacher's own thought: continued by the model, or asked for in words. */
  firstThoughts: z.object({ continued: z.int(), instructed: z.int() }),
  /** Requests that were open when an earlier start was killed: their answers are lost, may have been paid, and count at their most. */
  lost: z.int(),
})

/** An episode that has just ended, or is under way. */
const lineSchema = rolloutSchema.pick({ task: true, turn: true, rejected: true, detail: true, trajectory: true, steps: true, seconds: true })

export const rolloutProgressSchema = talliesSchema.extend({
  batch: z.string(),
  /** Episodes under way: the step of each (null: its first thought, or none yet), and the end of what the teacher is writing. */
  working: z.array(z.object({ task: z.string(), question: z.string(), turn: z.int(), step: z.int().nullable(), text: z.string() })),
  /** What the requests that are open may come to at most, in tokens and money; null: prices are not known. */
  reserved: z.object({ tokens: z.int(), cost: z.number().nullable() }),
  budget: budgetSchema,
  prices: pricesSchema.nullable(),
  /** Newest first, at most 20. */
  latest: z.array(lineSchema),
  /** What was met last on the way: that the endpoint is asked again, a setting that it does not take; null: nothing. */
  notice: z.string().nullable(),
})
export type RolloutProgress = z.infer<typeof rolloutProgressSchema>

/** How a batch ended: all episodes made, the budget reached, stopped by the user, or an error that ended it. */
export const rolloutReportSchema = talliesSchema.extend({
  batch: z.string(),
  folder: z.string(),
  teacher: z.string(),
  state: batchStateSchema,
  /** Why it went no further, in words; null: it is finished. */
  reason: z.string().nullable(),
  seconds: z.number(),
  budget: budgetSchema,
  prices: pricesSchema.nullable(),
})
export type RolloutReport = z.infer<typeof rolloutReportSchema>

export const rolloutJobSchema = jobSchema(rolloutProgressSchema, rolloutReportSchema)
export type RolloutJob = z.infer<typeof rolloutJobSchema>

/** What a batch will take, before it begins. */
export const rolloutEstimateSchema = z.object({
  episodes: z.int(),
  requests: z.int(),
  promptTokens: z.int(),
  tokens: z.int(),
  /** null: prices are not known. */
  cost: z.number().nullable(),
  /** What it comes to where every episode goes to its last step; `basis` says with what turns. A budget alone is a hard limit. */
  most: z.object({ requests: z.int(), tokens: z.int(), cost: z.number().nullable() }),
  /** What it is taken from, in words. */
  basis: z.string(),
})
export type RolloutEstimate = z.infer<typeof rolloutEstimateSchema>

/** A batch of the project as a list shows it. `problem`: why its files cannot be read, in whole or in part. */
export const rolloutRowSchema = talliesSchema.extend({
  batch: rolloutBatchSchema,
  state: batchStateSchema,
  folder: z.string(),
  teacher: z.string(),
  /** Why it went no further, in words; null: it is finished, or runs. */
  reason: z.string().nullable(),
  problem: z.string().nullable(),
})
export type RolloutRow = z.infer<typeof rolloutRowSchema>

/** `retort teach --estimate`, or what it did. */
export const teachReplySchema = z.object({
  estimate: rolloutEstimateSchema.nullable(),
  report: rolloutReportSchema.nullable(),
})
export type TeachReply = z.infer<typeof teachReplySchema>

/** `retort teacher-server`. */
export const teacherServerSchema = z.object({
  url: z.string(),
  models: z.array(z.string()),
  /** File of the student whose tokens its usage counts; null: it says no usage. */
  countedBy: z.string().nullable(),
})

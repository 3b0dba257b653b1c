// Surface: curation: the funnel of filters, and what comes of it in a project's reviews (`retort curate`, the Trajectories screen).
import { z } from 'zod'
import { curationFilterSchema, curationSchema, funnelRowSchema } from '../records/curation.ts'
import { usageSchema } from '../records/rollout.ts'
import { askEstimateSchema } from './asking.ts'
import { jobSchema } from './job.ts'

export const curateProgressSchema = z.object({
  /** The filter that runs; null: trajectories are read. */
  filter: curationFilterSchema.nullable(),
  done: z.int(),
  total: z.int(),
  /** Filters that are done. */
  rows: z.array(funnelRowSchema),
  /** What the judge has taken so far; null: none is open. */
  usage: usageSchema.nullable(),
})
export type CurateProgress = z.infer<typeof curateProgressSchema>

/** What applying did, in trajectories. */
export const curationAppliedSchema = z.object({
  /** The entry of the journal, which one undo takes back; null: nothing was to change. */
  entry: z.int().nullable(),
  /** Newly rejected, and taken back because they are kept now. */
  rejected: z.int(),
  released: z.int(),
  flagged: z.int(),
  labelled: z.int(),
  /** Left as they are: a person has accepted or rejected them; they were corrected since the curation. */
  persons: z.int(),
  changed: z.int(),
})
export type CurationApplied = z.infer<typeof curationAppliedSchema>

/** What a judge would cost: requests that were answered before are `known`, and not among the others. */
export const judgeEstimateSchema = askEstimateSchema.extend({ known: z.int() })
export type JudgeEstimate = z.infer<typeof judgeEstimateSchema>

/** What `retort curate` prints: the whole curation, and what applying it did (null: it was not applied). With an `estimate` the judge was asked nothing, and nothing is kept. */
export const curateReportSchema = curationSchema.extend({ applied: curationAppliedSchema.nullable(), estimate: judgeEstimateSchema.nullable() })
export type CurateReport = z.infer<typeof curateReportSchema>

/** A curation without its lists; `applied`: whether its marks are in force. */
export const curationViewSchema = curationSchema.omit({ rejected: true, flagged: true, labels: true, stamp: true }).extend({
  rejectedCount: z.int(),
  flaggedCount: z.int(),
  labelledCount: z.int(),
  applied: z.object({ entry: z.int(), at: z.string(), inForce: z.boolean() }).nullable(),
})
export type CurationView = z.infer<typeof curationViewSchema>

export const curateJobSchema = jobSchema(curateProgressSchema, z.object({ id: z.string() }))
export type CurateJob = z.infer<typeof curateJobSchema>

/** A rejected or noted trajectory, with what a list shows of it. */
export const curatedLineSchema = z.object({ id: z.string(), task: z.string(), source: z.string(), reason: z.string(), detail: z.string() })
export type CuratedLine = z.infer<typeof curatedLineSchema>

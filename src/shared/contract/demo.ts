// Surface: what `retort demo` has shown.
import { z } from 'zod'
import { evaluationSummarySchema, intervalSchema } from '../records/evaluation.ts'
import { suiteNameSchema, suiteTaskSchema } from '../records/suite.ts'
import { maskViewSchema } from './masking.ts'
import { trainSummarySchema } from './training.ts'

export const demoReportSchema = z.object({
  project: z.string(),
  student: z.string(),
  suite: suiteNameSchema,
  /** The sample project: recorded trajectories, with their spans by kind. */
  sample: z.object({
    folder: z.string(),
    trajectories: z.int(),
    spans: z.object({ reason: z.int(), act: z.int(), final: z.int(), observe: z.int() }),
    guessed: z.int(),
  }),
  /** The teacher's episodes: made, kept, and those of an earlier demo among them. */
  rollouts: z.object({ batch: z.string(), episodes: z.int(), kept: z.int(), earlier: z.boolean() }),
  /** Trajectories of the project that a run trains on, others than the teacher's among them. */
  trajectories: z.int(),
  /** Token counts of the trajectory that is shown as a mask. */
  mask: maskViewSchema.pick({ counts: true, trained: true, straddling: true }),
  before: evaluationSummarySchema,
  training: trainSummarySchema,
  /** null when training was stopped, like all that comes behind it. */
  after: z.object({ summary: evaluationSummarySchema, /** Share of the tasks, after less before. */ gain: intervalSchema.nullable() }).nullable(),
  /** The task that the trained student solved, or did not, while it was looked at. */
  shown: z.object({ task: suiteTaskSchema, success: z.boolean(), detail: z.string() }).nullable(),
  seconds: z.number(),
  /** A bigger student on this machine, for which the same is offered. */
  bigger: z.string().nullable(),
})
export type DemoReport = z.infer<typeof demoReportSchema>

// Surface: what `retort demo` has shown.
import { z } from 'zod'
import { maskViewSchema } from './masking.ts'
import { trainSummarySchema } from './training.ts'

export const demoReportSchema = z.object({
  project: z.string(),
  student: z.string(),
  trajectories: z.int(),
  /** Spans by kind over all trajectories. */
  spans: z.object({ reason: z.int(), act: z.int(), final: z.int(), observe: z.int() }),
  guessed: z.int(),
  /** Token counts of the trajectory that is shown as a mask. */
  mask: maskViewSchema.pick({ counts: true, trained: true, straddling: true }),
  training: trainSummarySchema,
  /** One held-out question, first answer of the base and of the student. null when training was stopped. */
  answers: z.object({ question: z.string(), recorded: z.string(), base: z.string(), student: z.string() }).nullable(),
})
export type DemoReport = z.infer<typeof demoReportSchema>

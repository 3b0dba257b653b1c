// Long work that goes on without a page: an import, a file of a teacher's distributions.
import { z } from 'zod'
import { retortErrorSchema } from './error.ts'

export const jobSchema = <Progress extends z.ZodType, Report extends z.ZodType>(progress: Progress, report: Report) =>
  z.object({
    id: z.string(),
    /** Since it began; when it has ended, what it took. */
    seconds: z.number(),
    state: z.discriminatedUnion('type', [
      z.object({ type: z.literal('running'), progress: progress.nullable() }),
      z.object({ type: z.literal('done'), report }),
      z.object({ type: z.literal('failed'), error: retortErrorSchema }),
    ]),
  })

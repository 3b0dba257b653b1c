// Surface: a teacher's distributions over the recorded tokens.
import { z } from 'zod'
import { leftSchema } from './training.ts'

export const teacherReportSchema = z.object({
  /** The file of distributions. */
  path: z.string(),
  /** Who the teacher is and what it was shown. */
  label: z.string(),
  /** Tokens named in each distribution. */
  k: z.int(),
  /** The agent's tokens that have a distribution, of all of them. */
  tokens: z.int(),
  of: z.int(),
  /** Of those, scored just now. */
  scored: z.int(),
  /** Mean probability that the named tokens have together, of those scored just now; null: none. */
  mass: z.number().nullable(),
  /** Share of the student's strings that are tokens of the teacher too; null: both have the same tokens. */
  overlap: z.number().nullable(),
  bytesPerToken: z.int(),
  /** Trajectories without distributions, each with the reason. */
  left: z.array(leftSchema),
})
export type TeacherReport = z.infer<typeof teacherReportSchema>

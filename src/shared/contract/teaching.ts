// Surface: a teacher's distributions over the recorded tokens (`retort teacher`, the Train screen).
import { z } from 'zod'
import { jobSchema } from './job.ts'
import { leftSchema } from './training.ts'

/** Tokens that a distribution names where nothing else is asked for. Endpoints rarely give more than 20 (vLLM: --max-logprobs). */
export const TOP = { local: 32, endpoint: 20 } as const

/** student: the messages that the student sees; answer: also which answer the run ends with. */
export const shownSchema = z.enum(['student', 'answer'])
export type Shown = z.infer<typeof shownSchema>

/**
 * How an endpoint is asked for what it thinks of a prompt. chat: messages, by its own template, with vLLM's `prompt_logprobs`;
 * completions: the text in the student's template, echoed with log-probabilities. auto: the first of both that works.
 */
export const asksSchema = z.enum(['auto', 'chat', 'completions'])
export type Asks = z.infer<typeof asksSchema>

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
  /** Share of the student's strings that are tokens of the teacher too; null: both have the same tokens, or the teacher's are not known. */
  overlap: z.number().nullable(),
  bytesPerToken: z.int(),
  /** Trajectories without distributions, each with the reason. */
  left: z.array(leftSchema),
})
export type TeacherReport = z.infer<typeof teacherReportSchema>

export const teachProgressSchema = z.object({
  /** The file that is made (null: its name is not settled yet), and whose distributions are in it. */
  path: z.string().nullable(),
  teacher: z.string(),
  /** Trajectories, of all. */
  done: z.int(),
  total: z.int(),
  /** Coverage so far: the agent's tokens with a distribution, of those looked at, and the mean probability of what is named (null: nothing scored yet). */
  tokens: z.int(),
  of: z.int(),
  mass: z.number().nullable(),
  /** What was met last on the way, as that an endpoint is asked again; null: nothing. */
  notice: z.string().nullable(),
})
export type TeachProgress = z.infer<typeof teachProgressSchema>

/** The making of a file of distributions, which goes on without a page. */
export const teachJobSchema = jobSchema(teachProgressSchema, teacherReportSchema)
export type TeachJob = z.infer<typeof teachJobSchema>

/** A file of distributions as a list shows it. */
export const teacherFileSchema = z.object({
  path: z.string(),
  name: z.string(),
  bytes: z.int(),
  /** ISO 8601. */
  modified: z.string(),
  /** null where it cannot be read: `problem` says why. */
  holds: z
    .object({
      label: z.string(),
      k: z.int(),
      context: shownSchema,
      /** Tokens with a distribution, and the mean probability of what is named (null: none). */
      tokens: z.int(),
      mass: z.number().nullable(),
      overlap: z.number().nullable(),
      /** Of the student's tokens: a run's student must have the same (`trainedOn.teacher.fingerprint`). */
      fingerprint: z.string(),
    })
    .nullable(),
  problem: z.string().nullable(),
})
export type TeacherFile = z.infer<typeof teacherFileSchema>

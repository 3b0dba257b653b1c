// Surface: suites, their tasks, and what their experts do (`retort suite`).
import { z } from 'zod'
import { agentStyleSchema, episodeEndSchema } from '../records/episode.ts'
import { suiteNameSchema, suiteTaskSchema, taskSplitSchema } from '../records/suite.ts'
import { turnSchema } from '../records/trajectory.ts'

const suiteRowSchema = z.object({
  name: suiteNameSchema,
  title: z.string(),
  summary: z.string(),
  style: agentStyleSchema,
  /** In which it can be worked at. */
  styles: z.array(agentStyleSchema),
  /** Turns of an episode, at most. */
  steps: z.int(),
  families: z.object({ train: z.array(z.string()), ood: z.array(z.string()) }),
})

const suiteListSchema = z.object({ action: z.literal('list'), suites: z.array(suiteRowSchema) })
export type SuiteList = z.infer<typeof suiteListSchema>

const suiteTasksSchema = z.object({
  action: z.literal('show'),
  suite: suiteRowSchema,
  split: taskSplitSchema,
  seed: z.int(),
  /** The system message of students. */
  prompt: z.string(),
  tasks: z.array(suiteTaskSchema),
})
export type SuiteTasks = z.infer<typeof suiteTasksSchema>

const expertReportSchema = z.object({
  action: z.literal('expert'),
  suite: suiteNameSchema,
  split: taskSplitSchema,
  seed: z.int(),
  tasks: z.int(),
  solved: z.int(),
  /** Of an episode, on average. */
  steps: z.number(),
  calls: z.number(),
  /** Making a task and working at it, on average. */
  seconds: z.number(),
  /** Thoughts in all, and how many of them differ when every number in them counts as the same. */
  thoughts: z.object({ total: z.int(), distinct: z.int() }),
  failed: z.array(z.object({ id: z.string(), end: episodeEndSchema, detail: z.string() })),
  /** The first episode; null when no task was asked for. */
  sample: z.object({ id: z.string(), turns: z.array(turnSchema) }).nullable(),
})
export type ExpertReport = z.infer<typeof expertReportSchema>

export const suiteReplySchema = z.discriminatedUnion('action', [suiteListSchema, suiteTasksSchema, expertReportSchema])
export type SuiteReply = z.infer<typeof suiteReplySchema>

// A suite's task: a question that is made from a seed, with its answer and how it is counted.
import { z } from 'zod'

export const suiteNameSchema = z.enum(['arith', 'game24', 'twohop', 'household', 'sql', 'shop'])
export type SuiteName = z.infer<typeof suiteNameSchema>

/** `held-out`: made like those of training, from seeds that cannot meet theirs; `ood`: out of domain, harder or worded as none of training. */
export const taskSplitSchema = z.enum(['train', 'held-out', 'ood'])
export type TaskSplit = z.infer<typeof taskSplitSchema>

/** Where a task comes from: the same place is the same task, on every machine. */
export const taskPlaceSchema = z.object({ split: taskSplitSchema, seed: z.int().min(0).max(0xffffffff), index: z.int().min(0) })
export type TaskPlace = z.infer<typeof taskPlaceSchema>

export const suiteTaskSchema = taskPlaceSchema.extend({
  suite: suiteNameSchema,
  /** suite/split/seed/index */
  id: z.string(),
  /** The template or kind of task that it is counted under. */
  family: z.string(),
  /** What the agent is asked, all that it is told of the task. */
  question: z.string(),
  /** null: there is no answer in words; the environment knows when the goal is reached. */
  answer: z.string().nullable(),
})
export type SuiteTask = z.infer<typeof suiteTaskSchema>

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

/**
 * What an expert shows beside the plain solution, as shares of its episodes in [0, 1]. Which episodes follows from the seed: an
 * episode that shows something at one share shows it at every larger one.
 */
export const expertSettingsSchema = z.object({
  /** The first thought restates what is asked and what is given. */
  restate: z.number().min(0).max(1),
  /** The expert first makes a plausible slip, and mends it after the observation. */
  recovery: z.number().min(0).max(1),
  /** One operation at a time, where several could be done in one call. */
  stepwise: z.number().min(0).max(1),
})
export type ExpertSettings = z.infer<typeof expertSettingsSchema>

/** What an expert does where nothing is said. */
export const EXPERT_DEFAULTS: ExpertSettings = { restate: 1, recovery: 0.1, stepwise: 0 }

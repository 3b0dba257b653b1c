// Surface: looking at a project's trajectories (`retort list`, `retort show`).
import { z } from 'zod'
import { correctionSchema, stepLabelSchema } from '../records/correction.ts'
import { spanSchema } from '../records/span.ts'
import { taskSchema } from '../records/task.ts'
import { outcomeSchema, trajectorySchema, turnSchema } from '../records/trajectory.ts'

/** One line of the list. */
export const trajectoryRowSchema = z.object({
  id: z.string(),
  /** `format:file#index`. */
  source: z.string(),
  /** The question. */
  task: z.string(),
  turns: z.int().min(1),
  /** Number of spans by kind, as corrected. */
  spans: z.object({
    reason: z.int().min(0),
    act: z.int().min(0),
    final: z.int().min(0),
    observe: z.int().min(0),
  }),
  /** Number of spans that no rule matched. */
  guessed: z.int().min(0),
  outcome: outcomeSchema.nullable(),
})
export type TrajectoryRow = z.infer<typeof trajectoryRowSchema>

/** A trajectory as corrected: every turn with its spans, and the corrections that led there. */
export const shownTrajectorySchema = trajectorySchema.omit({ taskId: true, turns: true }).extend({
  task: taskSchema,
  turns: z.array(turnSchema.extend({ spans: z.array(spanSchema), label: stepLabelSchema.nullable() })),
  corrections: z.array(correctionSchema),
})
export type ShownTrajectory = z.infer<typeof shownTrajectorySchema>

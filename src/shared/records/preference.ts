// A preference: two turns for one step of a trajectory, with what was before it; the chosen one took the place of the rejected.
import { z } from 'zod'
import { toolSchema, turnSchema } from './trajectory.ts'

export const preferenceSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  author: z.string(),
  trajectoryId: z.string(),
  taskId: z.string(),
  /** Turn of the trajectory, which is the first that went wrong, and its number among the agent's, both from 0. */
  turn: z.int().min(0),
  step: z.int().min(0),
  tools: z.array(toolSchema),
  /** What both answer: all turns before, as corrected when it was asked. */
  context: z.array(turnSchema),
  chosen: turnSchema,
  rejected: turnSchema,
  /** Who wrote the chosen one; `asked`: the asking in the project's folder `asked`, and which of its continuations. */
  provenance: z.object({ teacher: z.string(), asked: z.string(), continuation: z.int().min(0), temperature: z.number(), topP: z.number(), seed: z.int() }),
  /** The journal's entry that made the correction: while that is undone, the preference does not count. */
  entry: z.int(),
})
export type Preference = z.infer<typeof preferenceSchema>

/** What pairs that are else the very same differ in: who accepted what when, and from which asking. */
const acceptedSchema = preferenceSchema.pick({ id: true, at: true, author: true, provenance: true, entry: true })

/** As it is listed: of such pairs the oldest; `again`: the others, which are stored as well. */
export const listedPreferenceSchema = preferenceSchema.extend({ again: z.array(acceptedSchema) })
export type ListedPreference = z.infer<typeof listedPreferenceSchema>

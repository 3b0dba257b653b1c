// A task: what the agent was asked to do. Several trajectories may answer the same task.
import { z } from 'zod'

export const taskSchema = z.object({
  /** sha256 (hex) of the question in Unicode NFC, line ends as \n, trimmed. The key that splits train from held-out. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  question: z.string(),
})
export type Task = z.infer<typeof taskSchema>

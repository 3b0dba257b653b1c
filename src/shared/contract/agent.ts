// Surface: one episode of an agent (`retort agent`).
import { z } from 'zod'
import { agentEventSchema, episodeEndSchema } from '../records/episode.ts'
import { retortErrorSchema } from './error.ts'

export const agentReplySchema = z.object({
  model: z.string(),
  reason: episodeEndSchema,
  answer: z.string().nullable(),
  error: retortErrorSchema.nullable(),
  steps: z.int(),
  calls: z.int(),
  tokens: z.int().nullable(),
  seconds: z.number(),
  /** The episode in the project, where it was to be kept. */
  trajectory: z.object({ id: z.string(), kept: z.enum(['kept', 'duplicate']) }).nullable(),
  /** The log without what came piece by piece. */
  events: z.array(agentEventSchema),
})
export type AgentReply = z.infer<typeof agentReplySchema>

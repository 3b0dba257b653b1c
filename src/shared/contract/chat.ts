// Surface: one answer of a student (`retort chat --message`).
import { z } from 'zod'

export const chatReplySchema = z.object({
  student: z.string(),
  adapter: z.string().nullable(),
  reply: z.string(),
  /** Why it ended: by itself, at the token limit, at the context's end, or stopped by the user. */
  reason: z.enum(['stop', 'length', 'context', 'aborted']),
  promptTokens: z.int(),
  tokens: z.int(),
  firstTokenSeconds: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
})
export type ChatReply = z.infer<typeof chatReplySchema>

// FireAct as chat messages: question, then `Thought: ...\nAction: name[argument]` and `Observation: ...` in turn.
import { z } from 'zod'
import { conversationDraft } from '../conversation.ts'
import { hasAction, isObservation } from '../react.ts'
import { schemaProblem } from '../rejection.ts'
import type { Importer } from './importer.ts'

const schema = z.object({
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string().min(1) })).min(2),
})

const ROLES = /^(?:user|assistant)$/

/** Two adjacent messages that show the convention: an agent's action and its observation. */
const showsConvention = z.object({
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).refine((messages) => {
    const bare = messages.every((message) => ROLES.test(message.role) && Object.keys(message).length === 2)
    return bare && messages.some((message, index) => isExchange(message, messages[index + 1]))
  }),
})

type Loose = { role: string; content?: unknown }

const isExchange = (message: Loose, next: Loose | undefined): boolean =>
  message.role === 'assistant' &&
  next?.role === 'user' &&
  hasAction(String(message.content)) &&
  isObservation(String(next.content))

export const fireactOpenai: Importer = {
  format: 'fireact-openai',
  title: 'FireAct, chat messages',
  detect: (record) => showsConvention.safeParse(record).success,
  read(record) {
    const parsed = schema.safeParse(record)
    if (!parsed.success) return { problem: schemaProblem(record, parsed.error) }
    return conversationDraft(parsed.data.messages, [])
  },
}

// A conversation as the messages that a student's template takes, for those who send them to somebody else.
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { ChatMessage, ChatTemplate } from '../../ports/index.ts'
import { chatMessages } from './chatMessages.ts'
import { PLAIN } from './marks.ts'
import { templateTraits } from './templateTraits.ts'

export type PlainMessages = { readonly messages: readonly ChatMessage[]; readonly tools: readonly unknown[] | undefined }

/** Structured calls and tools stand where the template would write them, else in the texts. */
export function plainMessages({ turns, tools, template }: { turns: readonly Turn[]; tools: readonly Tool[]; template: ChatTemplate }): PlainMessages {
  const made = chatMessages({ turns, tools, traits: templateTraits(template), marker: PLAIN })
  return { messages: made.messages, tools: made.tools }
}

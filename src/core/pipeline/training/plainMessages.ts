// A conversation as the messages that a student's template takes, for those who send them to somebody else.
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { ChatMessage, ChatTemplate } from '../../ports/index.ts'
import { chatMessages } from './chatMessages.ts'
import { PLAIN } from './marks.ts'
import { templateTraits, type TemplateTraits } from './templateTraits.ts'

export type PlainMessages = { readonly messages: readonly ChatMessage[]; readonly tools: readonly unknown[] | undefined }

/** Structured calls and tools stand where the template would write them, else in the texts. */
export function plainMessages({ turns, tools, template }: { turns: readonly Turn[]; tools: readonly Tool[]; template: ChatTemplate }): PlainMessages {
  const made = chatMessages({ turns, tools, traits: templateTraits(template), marker: PLAIN })
  return { messages: made.messages, tools: made.tools }
}

/** What the protocols of endpoints take: everything in a form of its own. */
const PROTOCOL: TemplateTraits = { system: true, consecutive: true, toolCalls: 'string', toolRole: true, tools: true, tags: [] }

/** For an endpoint, which renders with a template that nobody sees here: calls and their answers structured. */
export const protocolMessages = ({ turns, tools }: { turns: readonly Turn[]; tools: readonly Tool[] }): readonly ChatMessage[] =>
  chatMessages({ turns, tools, traits: PROTOCOL, marker: PLAIN }).messages

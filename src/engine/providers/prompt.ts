// Messages and tools as the AI SDK's provider packages take them.
import type { createAnthropic } from '@ai-sdk/anthropic'
import type { ChatMessage as ProtocolMessage } from '../../core/ports/index.ts'
import type { ChatMessage } from '../../shared/contract/routes/chat.ts'
import type { Tool } from '../../shared/records/trajectory.ts'

export type LanguageModel = ReturnType<ReturnType<typeof createAnthropic>['languageModel']>
export type CallOptions = Parameters<LanguageModel['doStream']>[0]

/** Of a chat, or of an agent with calls. */
export type AnyMessage = ChatMessage | ProtocolMessage

type Prompt = CallOptions['prompt'][number]

/** `before`: the messages that may hold the call that a tool's message answers. */
export function promptOf(message: AnyMessage, before: readonly AnyMessage[]): Prompt {
  const text = 'text' in message ? message.text : message.content
  const said = text === '' ? [] : [{ type: 'text' as const, text }]
  switch (message.role) {
    case 'system':
      return { role: 'system', content: text }
    case 'assistant':
      return { role: 'assistant', content: [...said, ...callsOf(message).map((call) => ({ type: 'tool-call' as const, ...call }))] }
    case 'tool': {
      const toolCallId = ('tool_call_id' in message && message.tool_call_id) || ''
      const toolName = before.flatMap(callsOf).findLast((call) => call.toolCallId === toolCallId)?.toolName ?? ''
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: text } }] }
    }
    default:
      return { role: 'user', content: [{ type: 'text', text }] }
  }
}

const callsOf = (message: AnyMessage): { toolCallId: string; toolName: string; input: unknown }[] =>
  ('tool_calls' in message ? (message.tool_calls ?? []) : []).map(({ id, function: { name, arguments: given } }) => ({
    toolCallId: id ?? '',
    toolName: name,
    // Protocols want an object; what a model wrote instead of one goes as a text within one.
    input: parsedObject(given) ?? { text: given },
  }))

function parsedObject(given: unknown): object | null {
  try {
    const value: unknown = typeof given === 'string' ? JSON.parse(given) : given
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

type Offered = NonNullable<CallOptions['tools']>[number]

/** A tool as the AI SDK offers it. */
export const offered = ({ name, description, parameters }: Tool): Offered => ({
  type: 'function',
  name,
  description,
  // A schema of the tool's own making; a server that cannot read it says so.
  inputSchema: (parameters ?? { type: 'object', properties: {} }),
})

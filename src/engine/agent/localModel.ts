// A student, with or without an adapter, as the agent loop's chat model.
import { basename } from 'node:path'
import type { ChatModel } from '../../core/agent/index.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { AdapterChoice, Chat, Student } from '../llama/index.ts'

/** Over a chat that is open; whoever opened it closes it. */
export function localModel({ chat, student, adapter }: { chat: Chat; student: Student; adapter: AdapterChoice | null }): ChatModel {
  return {
    name: adapter === null ? basename(student.path) : `${basename(student.path)} + ${basename(adapter.path)} x ${adapter.scale}`,
    prefixes: 'continued',
    async *complete(turns, { tools, stop, maxTokens, temperature, topP, seed, prefix = '', signal }) {
      let promptTokens: number | null = null
      try {
        for await (const event of chat.generate({ turns, tools, stop, prefix, sampling: { temperature, topP, seed, maxTokens }, signal })) {
          if (event.type === 'text') yield event
          else if (event.type === 'prompt') promptTokens = event.tokens
          else yield { type: 'end', reason: event.reason, ...(event.cut === null ? {} : { cut: event.cut }), tokens: event.ids.length, promptTokens }
        }
      } catch (error) {
        if (!(error instanceof RetortError)) throw error
        yield { type: 'failed', error: errorParts(error) }
      }
    },
  }
}

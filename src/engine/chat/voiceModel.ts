// A voice of this machine as the agent loop's chat model: each turn waits for its place among the other answers.
import { basename } from 'node:path'
import type { ChatModel } from '../../core/agent/index.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { LocalVoice, Voices } from './voices.ts'

export function voiceModel({ voices, voice }: { voices: Voices; voice: LocalVoice }): ChatModel {
  const { student, adapter } = voice
  return {
    name: adapter === null ? basename(student) : `${basename(student)} + ${basename(adapter.path)} x ${adapter.scale}`,
    async *complete(turns, { tools, stop, maxTokens, temperature, topP, seed, signal }) {
      for await (const event of voices.answer({ voice, turns, tools, stop, sampling: { temperature, topP, seed, maxTokens } }, signal)) {
        switch (event.type) {
          case 'text':
          case 'notice':
            yield event
            break
          case 'end':
            yield { type: 'end', reason: event.reason, ...(event.cut === null ? {} : { cut: event.cut }), tokens: event.tokens, promptTokens: event.promptTokens }
            break
          case 'failed':
            // The schema leaves out what is absent; its type only says that it may.
            yield { type: 'failed', error: event.error as RetortErrorParts }
            break
          case 'loading':
          case 'prompt':
            break
        }
      }
    },
  }
}

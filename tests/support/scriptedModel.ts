// A chat model that follows a script: an answer for each question, in pieces, or as the events it is told.
import type { ChatModel, CompletionOptions, ModelEvent } from '../../src/core/agent/index.ts'
import type { Turn } from '../../src/shared/records/trajectory.ts'

export const HANG = Symbol('hang')

/** A text is written in pieces of three characters and ended with `stop`; `HANG`: nothing ever comes. */
export type ScriptedAnswer = string | readonly ModelEvent[] | typeof HANG | Error

export type ScriptedModel = ChatModel & {
  readonly asked: { readonly turns: readonly Turn[]; readonly options: CompletionOptions }[]
  /** Answers that were left before their end. */
  readonly left: () => number
}

export function scriptedModel(answers: readonly ScriptedAnswer[]): ScriptedModel {
  const asked: { turns: readonly Turn[]; options: CompletionOptions }[] = []
  let left = 0
  return {
    name: 'script',
    asked,
    left: () => left,
    async *complete(turns, options) {
      const answer = answers[Math.min(asked.length, answers.length - 1)]!
      asked.push({ turns: [...turns], options })
      if (answer === HANG) return await new Promise<never>(() => undefined)
      if (answer instanceof Error) throw answer
      const events = typeof answer === 'string' ? written(answer) : answer
      let said = 0
      try {
        for (const event of events) {
          said += 1
          yield event
        }
      } finally {
        if (said < events.length) left += 1
      }
    },
  }
}

/** Eleven tokens of prompt, one token for each piece. */
function written(text: string): ModelEvent[] {
  const pieces = text.match(/[^]{1,3}/g) ?? []
  return [...pieces.map((piece) => ({ type: 'text', text: piece }) as const), { type: 'end', reason: 'stop', tokens: pieces.length, promptTokens: 11 }]
}

// Tokens of a request and its answer as a student would have them: exact counts for a teacher that has no tokens of its own.
import { renderConversation } from '../../core/pipeline/training/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'

export type Counted = { readonly promptTokens: number; readonly tokens: number }

export type TokenCounter = {
  /** File of the student whose template and tokenizer count. */
  readonly student: string
  /** `answer`: the turn that follows. null where the student's template does not write these turns as they are. */
  count(asked: { readonly turns: readonly Turn[]; readonly tools: readonly Tool[]; readonly answer: Turn }): Counted | null
  dispose(): Promise<void>
}

/** Throws RetortError for a file that is no student, and `no-chat-template`. */
export async function openTokenCounter(path: string): Promise<TokenCounter> {
  const { openStudent } = await import('../llama/index.ts')
  const student = await openStudent({ path, weights: 'none' })
  try {
    const { template, tokenizer } = student
    return {
      student: path,
      count({ turns, tools, answer }) {
        try {
          const prompt = renderConversation({ turns, tools, template, tokenizer, generationPrompt: true })
          const whole = renderConversation({ turns: [...turns, answer], tools, template, tokenizer, generationPrompt: false })
          const body = whole.bodies.at(-1)
          if (body?.state !== 'whole') return null
          return { promptTokens: prompt.ids.length, tokens: whole.tokens.filter(({ decidedBy }) => decidedBy >= body.start && decidedBy < body.end).length }
        } catch (error) {
          // A template may want other turns than these: then nothing is known, and nothing is said.
          if (error instanceof RetortError) return null
          throw error
        }
      },
      dispose: () => student.dispose(),
    }
  } catch (error) {
    await student.dispose()
    throw error
  }
}

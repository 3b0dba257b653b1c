// Chat with a student: the prompt is exactly the tokens it was trained on, the answer comes as a stream of events.
import { type ChatEvent, type ChatRequest, promptOf, writeAnswer } from './answer.ts'
import { type AdapterChoice, createContext } from './context.ts'
import type { Student } from './student.ts'
import { asToken } from './vocabulary.ts'

export type Chat = {
  /** Tokens that fit. */
  readonly context: number
  /** One answer at a time. Leaving the loop early stops the student. */
  generate(request: ChatRequest): AsyncGenerator<ChatEvent, void, undefined>
  dispose(): Promise<void>
}

export async function openChat(input: {
  student: Student
  adapter?: AdapterChoice
  context: number
  threads?: number
  signal?: AbortSignal
}): Promise<Chat> {
  const { student } = input
  const context = await createContext({ ...input, size: input.context, precision: 'lean' })
  const sequence = context.getSequence()
  let busy = false

  async function* generate(request: ChatRequest): AsyncGenerator<ChatEvent, void, undefined> {
    const started = performance.now()
    const ids = promptOf(student, request, context.contextSize)
    // The last token is always evaluated again: its logits are needed.
    await sequence.adaptStateToTokens(ids.slice(0, -1).map(asToken), false)
    yield { type: 'prompt', tokens: ids.length, reused: sequence.nextTokenIndex }
    yield* writeAnswer({ student, sequence, ids, request, started })
  }

  return {
    context: context.contextSize,
    async *generate(request) {
      if (busy) throw new Error('one answer at a time: the student is still writing')
      busy = true
      try {
        yield* generate(request)
      } finally {
        busy = false
      }
    },
    dispose: () => context.dispose(),
  }
}

// What a student writes behind given tokens when it always takes the likeliest one.
import type { AdapterChoice } from './context.ts'
import { createContext } from './context.ts'
import type { Student } from './student.ts'
import { asToken } from './vocabulary.ts'

export type Continuation = {
  readonly text: string
  /** Ids it wrote, the one that ended its turn not among them. */
  readonly ids: readonly number[]
  /** 'length': `maxTokens` were written. */
  readonly end: 'stop' | 'length'
}

export type ContinueOptions = {
  readonly maxTokens: number
  /** Asked between pieces of the prompt and between tokens: 'stop' gives up. */
  readonly proceed: () => Promise<'go' | 'stop'>
}

export type Continuer = {
  /** null when it was given up. Prompt and `maxTokens` together must fit into the context. */
  continue(ids: readonly number[], options: ContinueOptions): Promise<Continuation | null>
  dispose(): Promise<void>
}

const CHUNK = 128

export async function openContinuer(input: { student: Student; adapter?: AdapterChoice; context: number; threads?: number }): Promise<Continuer> {
  const { tokenizer } = input.student
  const context = await createContext({ ...input, size: input.context, precision: 'lean' })
  const sequence = context.getSequence()
  return {
    async continue(ids, { maxTokens, proceed }) {
      await sequence.clearHistory()
      for (let from = 0; from < ids.length - 1; from += CHUNK) {
        if ((await proceed()) === 'stop') return null
        await sequence.evaluateWithoutGeneratingNewTokens(ids.slice(from, Math.min(ids.length - 1, from + CHUNK)).map(asToken))
      }
      const written: number[] = []
      let end: Continuation['end'] = 'length'
      for await (const token of sequence.evaluate(ids.slice(-1).map(asToken), { temperature: 0, yieldEogToken: true })) {
        if (tokenizer.endOfGeneration.has(token)) end = 'stop'
        else written.push(token)
        if (end === 'stop' || written.length >= maxTokens) break
        if ((await proceed()) === 'stop') return null
      }
      return { text: textOf(tokenizer, written), ids: written, end }
    },
    dispose: () => context.dispose(),
  }
}

/** The characters of tokens; what is cut within a character is shown as the replacement character. */
export function textOf({ bytes }: Pick<Student['tokenizer'], 'bytes'>, ids: readonly number[]): string {
  const decoder = new TextDecoder()
  return ids.map((id) => decoder.decode(bytes(id), { stream: true })).join('') + decoder.decode()
}

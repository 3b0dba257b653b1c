// The beginning of a turn for models that continue no message: they are asked in words to begin so, and what they repeat is taken away.
// An adaptation of first-thought prefixes (Kang et al., arXiv 2505.17612), which give the model a message to continue.
import type { Turn } from '../../shared/records/trajectory.ts'
import { plainTurn } from '../pipeline/trajectory/index.ts'
import type { ChatModel, ModelEvent } from './model.ts'

/** The same model, which can be given a prefix. It stays `instructed`: what comes of it differs from a continued message. */
export function instructedPrefix(model: ChatModel): ChatModel {
  return {
    ...model,
    prefixes: 'instructed',
    async *complete(turns, { prefix = '', ...options }) {
      if (prefix === '') yield* model.complete(turns, options)
      else yield* withoutEcho(model.complete(withInstruction(turns, prefix), options), prefix)
    },
  }
}

const INSTRUCTION = 'Begin your next message with exactly the following text, then go on from there:'

/** The instruction stands at the end of the last message, where no turn of its own is needed. */
export function withInstruction(turns: readonly Turn[], prefix: string): Turn[] {
  const asked = `${INSTRUCTION}\n\n${prefix}`
  const last = turns.at(-1)
  if (last?.role !== 'user') return [...turns, plainTurn('user', asked)]
  return [...turns.slice(0, -1), { ...last, text: `${last.text}\n\n${asked}` }]
}

/**
 * What follows the repeated text; an answer that does not begin with it goes on from it as it is. White space need not be repeated to
 * the letter. An answer that ends within the repetition has added nothing.
 */
export async function* withoutEcho(events: AsyncIterable<ModelEvent>, prefix: string): AsyncGenerator<ModelEvent, void, undefined> {
  let held: string | null = ''
  for await (const event of events) {
    if (held === null || event.type !== 'text') {
      yield event
      continue
    }
    held += event.text
    const end = echoEnd(held, prefix)
    if (end === 'open') continue
    const text = held.slice(end)
    held = null
    if (text !== '') yield { type: 'text', text }
  }
}

const SPACE = /\s/

/** Where in `text` the repeated prefix ends, the white space at its end included; 0: it is not repeated; 'open': that is not known yet. */
function echoEnd(text: string, prefix: string): number | 'open' {
  const wanted = prefix.trim()
  const skipSpace = (from: number): number => {
    let at = from
    while (at < text.length && SPACE.test(text[at]!)) at++
    return at
  }
  let at = skipSpace(0)
  for (let of = 0; of < wanted.length; ) {
    if (at >= text.length) return 'open'
    if (SPACE.test(wanted[of]!)) {
      if (!SPACE.test(text[at]!)) return 0
      at = skipSpace(at)
      while (SPACE.test(wanted[of]!)) of++
    } else if (text[at++] !== wanted[of++]) return 0
  }
  // The turn has the white space behind the prefix already.
  if (prefix.trimEnd() === prefix) return at
  at = skipSpace(at)
  return at >= text.length ? 'open' : at
}

// Port: a chat model. Whatever answers - a student, a teacher behind an endpoint, a script in a test - answers so.
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'

export type CompletionOptions = {
  /** Offered through the model's own form of structured calls; empty where the calls are text. */
  readonly tools: readonly Tool[]
  /** The model may end before the first of these; that it does not, or writes on, does no harm. */
  readonly stop: readonly string[]
  readonly maxTokens: number
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  /** The turn begins with this, and the model goes on from it: what it writes is the rest. Only for models that say how they do so (`prefixes`). */
  readonly prefix?: string
  /** Time of whoever asks stands still until what this gives is called: while the question waits for its turn, and nobody works at it. */
  readonly hold?: () => () => void
  readonly signal: AbortSignal
}

/**
 * How a model takes the beginning of its turn: it continues a message that is not closed, or it is asked in words to begin so, and
 * what it repeats is taken away, which is not the same and is to be said wherever it is used.
 */
export type PrefixWay = 'continued' | 'instructed'

export type ModelEvent =
  /** The next characters of what it says. */
  | { readonly type: 'text'; readonly text: string }
  /** The next characters of thinking that has a field of its own. */
  | { readonly type: 'reasoning'; readonly text: string }
  /** A structured call, whole; `arguments` as the model wrote them. */
  | { readonly type: 'call'; readonly id?: string; readonly name: string; readonly arguments: string }
  /** What is not done as asked; the answer goes on. */
  | { readonly type: 'notice'; readonly text: string }
  | {
      readonly type: 'end'
      readonly reason: 'stop' | 'length' | 'context' | 'aborted'
      /** The stop sequence that it ended before, where that is known; the reason is then `stop`. */
      readonly cut?: string
      /** null where it is not known. */
      readonly tokens: number | null
      readonly promptTokens: number | null
    }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }

/**
 * The answer to `turns` as a stream that closes with `end` or `failed`. What a server or a file does is `failed`, never thrown;
 * leaving the stream early, or the signal, ends the work behind it. One answer at a time, unless the model says otherwise.
 */
export type ChatModel = {
  /** Which model, for the log: a file's name and its adapter, an endpoint and its model. */
  readonly name: string
  /** Absent: it cannot be given the beginning of a turn. */
  readonly prefixes?: PrefixWay
  /** How many answers may be asked for at a time; one where it is absent. */
  readonly parallel?: number
  complete(turns: readonly Turn[], options: CompletionOptions): AsyncIterable<ModelEvent>
}

// One answer of a student: its prompt as tokens, then what it writes behind that, as a stream of events.
import type { LlamaContextSequence } from 'node-llama-cpp'
import { createCutter } from '../../core/agent/index.ts'
import { renderConversation } from '../../core/pipeline/training/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import type { Student } from './student.ts'
import { asToken } from './vocabulary.ts'

export type Sampling = {
  /** 0 always takes the likeliest token. */
  readonly temperature: number
  /** Smallest set of likeliest tokens that holds this probability; 1 takes all. */
  readonly topP: number
  readonly seed: number
  readonly maxTokens: number
}

export type ChatEvent =
  /** The prompt, and how much of it was still in the cache from the turn before. */
  | { readonly type: 'prompt'; readonly tokens: number; readonly reused: number }
  /** The next whole characters. */
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end'
      /** `stop`: the student ended its turn, or was about to write a stop sequence; `length`: maxTokens; `context`: no room left; `aborted`: by the caller. */
      readonly reason: 'stop' | 'length' | 'context' | 'aborted'
      readonly text: string
      /** The stop sequence that ended it: not part of the text, but of the ids. */
      readonly cut: string | null
      /** Ids the student wrote, the one that ended the turn included. */
      readonly ids: readonly number[]
      /** Seconds from the request to the first token; null when there was none. */
      readonly firstTokenSeconds: number | null
      /** Tokens written per second after the first; null with fewer than two. */
      readonly tokensPerSecond: number | null
    }

export type ChatRequest = {
  /** The conversation so far; the student writes the agent turn that comes next. */
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  /** The turn begins with this; what is written is the rest. */
  readonly prefix?: string
  readonly sampling: Sampling
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[]
  readonly signal?: AbortSignal
}

/** Tokens of the prompt between two looks at the abort signal: under a second of a small student's time. */
const CHUNK = 128

/** The tokens that the student is asked with. Throws RetortError `context-full` where no answer has room. */
export function promptOf({ template, tokenizer }: Student, { prefix = '', ...request }: Pick<ChatRequest, 'turns' | 'tools' | 'prefix'>, context: number): number[] {
  const opened = renderConversation({ ...request, template, tokenizer, generationPrompt: true })
  // The agent's turn is open: what it begins with follows the prompt that asks for it.
  const ids = prefix === '' ? opened.ids : [...opened.ids, ...tokenizer.encode(prefix)]
  if (ids.length >= context) throw tooLong(ids.length, context)
  return ids
}

export type Answering = {
  readonly student: Student
  /** Holds a beginning of the prompt, and nothing else. */
  readonly sequence: LlamaContextSequence
  /** The prompt. */
  readonly ids: readonly number[]
  readonly request: Pick<ChatRequest, 'sampling' | 'stop' | 'signal'>
  /** When it was asked for, by `performance.now()`. */
  readonly started: number
  /** Called when the prompt is in the sequence, all but its last token. */
  readonly onPrompt?: () => void
}

/** Evaluates what is missing of the prompt, then writes: texts, and the end. Leaving the loop early stops the student. */
export async function* writeAnswer({ student, sequence, ids, request, started, onPrompt }: Answering): AsyncGenerator<ChatEvent, void, undefined> {
  const { sampling, signal } = request
  const { tokenizer } = student
  const written: number[] = []
  const cutter = createCutter(request.stop ?? [])
  let text = ''
  let cutAt: string | null = null
  let firstAt: number | null = null
  let lastAt = started
  const decoder = new TextDecoder('utf-8')
  const end = (reason: (ChatEvent & { type: 'end' })['reason']): ChatEvent => ({
    type: 'end',
    reason,
    text,
    cut: cutAt,
    ids: written,
    firstTokenSeconds: firstAt === null ? null : (firstAt - started) / 1000,
    tokensPerSecond:
      firstAt === null || written.length < 2 ? null : ((written.length - 1) * 1000) / (lastAt - firstAt),
  })
  for (let from = sequence.nextTokenIndex; from < ids.length - 1; from += CHUNK) {
    if (signal?.aborted) return yield end('aborted')
    await sequence.evaluateWithoutGeneratingNewTokens(
      ids.slice(from, Math.min(ids.length - 1, from + CHUNK)).map(asToken),
    )
  }
  onPrompt?.()
  const room = sequence.contextSize - ids.length
  let reason: (ChatEvent & { type: 'end' })['reason'] = 'length'
  if (signal?.aborted) return yield end('aborted')
  const stream = sequence.evaluate([asToken(ids.at(-1)!)], {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: 0,
    minP: 0,
    seed: sampling.seed,
    yieldEogToken: true,
  })
  if (sampling.maxTokens > 0) {
    for await (const token of stream) {
      lastAt = performance.now()
      firstAt ??= lastAt
      written.push(token)
      if (tokenizer.endOfGeneration.has(token)) {
        reason = 'stop'
        break
      }
      const { text: piece, cut } = cutter.push(decoder.decode(tokenizer.bytes(token), { stream: true }))
      text += piece
      if (piece !== '') yield { type: 'text', text: piece }
      cutAt = cut
      if (cut !== null) reason = 'stop'
      else if (signal?.aborted) reason = 'aborted'
      else if (written.length >= sampling.maxTokens) reason = 'length'
      else if (written.length >= room) reason = 'context'
      else continue
      break
    }
  }
  const rest = cutAt === null ? cutter.push(decoder.decode()).text + cutter.rest() : ''
  text += rest
  if (rest !== '') yield { type: 'text', text: rest }
  yield end(reason)
}

const tooLong = (tokens: number, context: number) =>
  new RetortError({
    code: 'context-full',
    message: 'The conversation does not fit into the context',
    found: `${tokens} tokens`,
    expected: `fewer than ${context}, so that an answer has room`,
    advice: 'start a new conversation, or choose a larger context',
  })

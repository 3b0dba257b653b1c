// A teacher as a chat model whose answers are paid for once: from the journal where it has them, else asked, metered and written down.
import type { ChatModel, CompletionOptions, ModelEvent } from '../../core/agent/index.ts'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { Traffic } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { sha256 } from '../files/index.ts'
import { type AnswerToken, backoffPauses, createRateLimit, type RateLimit } from '../providers/index.ts'
import type { KeptAnswer, Paid, RequestJournal } from './journal.ts'
import type { Meter, Most } from './meter.ts'
import type { TeacherSource } from './source.ts'

export type Paying = {
  readonly source: TeacherSource
  readonly journal: RequestJournal
  readonly meter: Meter
  readonly rate: RateLimit
  readonly traffic: Traffic
  readonly logprobs: number
  /** By key: requests under way, so that equal ones are one; each is gone from here when it has ended. */
  readonly pending: Map<string, Promise<unknown>>
  readonly onNotice: (text: string) => void
  /** Nothing more is sent once this is aborted: what is out still ends, what waits does not go. */
  readonly over?: AbortSignal
  /** Told of each answer, from the journal or from the teacher. */
  readonly onAnswer?: (answer: KeptAnswer) => void
  /** Told what the teacher writes as it comes, for those who look on; null: an answer begins, or begins anew. Nothing follows from it. */
  readonly onPiece?: (piece: string | null) => void
}

/** First wait, and the longest that an endpoint may ask for. */
const BACKOFF = { firstMs: 1000, mostMs: 60_000 }
const MOST_NAMED_PAUSE_MS = 600_000

/** Answers come whole: they are on the disk before anything follows from them. Only `onPiece` hears them earlier. */
export function paidModel(paying: Paying): ChatModel {
  const { source, journal, meter, pending, logprobs } = paying
  const { prefixes } = source.model({}, () => undefined)
  return {
    name: source.name,
    ...(prefixes === undefined ? {} : { prefixes }),
    async *complete(turns, options) {
      const key = requestKey({ source, turns, options, logprobs })
      let answer = journal.answer(key)
      // What is waited for may fail: then the first of those who wait asks, and the others wait for that.
      for (let asking = pending.get(key); !answer && asking; asking = pending.get(key)) {
        await held(options, asking.catch(() => undefined))
        answer = journal.answer(key)
      }
      if (answer) meter.replayed()
      else {
        const asking = askPaid(paying, { key, turns, options }).finally(() => pending.delete(key))
        pending.set(key, asking)
        const asked = await asking
        if ('failed' in asked) {
          yield { type: 'failed', error: asked.failed }
          return
        }
        answer = asked
      }
      paying.onAnswer?.(answer)
      yield* answer.events
    },
  }
}

type Request = { readonly key: string; readonly turns: readonly Turn[]; readonly options: CompletionOptions }

/** All that decides an answer; the same request has the same key, in this start of the batch and in the next. */
export function requestKey({ source, turns, options, logprobs }: { source: TeacherSource; turns: readonly Turn[]; options: Omit<CompletionOptions, 'signal'> & Partial<Pick<CompletionOptions, 'signal'>>; logprobs: number }): string {
  const { signal: _, hold: __, ...asked } = options
  return sha256(canonicalJson({ teacher: source.identity, turns, asked, logprobs }))
}

/** What is waited for is no work of the teacher's: the asker's time stands still. */
async function held<Value>({ hold }: Pick<CompletionOptions, 'hold'>, waiting: Promise<Value>): Promise<Value> {
  const goOn = hold?.()
  try {
    return await waiting
  } finally {
    goOn?.()
  }
}

async function askPaid(paying: Paying, { key, turns, options }: Request): Promise<KeptAnswer | { failed: RetortErrorParts }> {
  const { source, journal, meter, rate, traffic, logprobs, onNotice, over } = paying
  const { signal } = options
  const waiting = over ? AbortSignal.any([signal, over]) : signal
  const most = source.metered ? mostOf(turns, options) : NOTHING
  const pauses = backoffPauses({ ...BACKOFF, tries: traffic.tries, random: Math.random })
  for (;;) {
    const { settle } = await held(options, meter.reserve(most, waiting))
    try {
      await held(options, rate.pass(mostExpected(most), waiting))
    } catch (error) {
      // It was not sent.
      settle(null)
      throw error
    }
    // What a model of this machine was writing when it was killed has cost nothing.
    const request = await journal.asked(key, source.priced ? most : NOTHING)
    const tokens: AnswerToken[] = []
    const asking = {
      patience: traffic.patience * 1000, pauses, mostPause: MOST_NAMED_PAUSE_MS,
      again: (ends: AbortSignal) => rate.pass(mostExpected(most), over ? AbortSignal.any([ends, over]) : ends),
      ...(logprobs > 0 ? { logprobs } : {}),
    }
    paying.onPiece?.(null)
    const heard = await listen(source.model(asking, (more) => tokens.push(...more)).complete(turns, options), paying)
    if ('events' in heard) {
      const paid = source.metered ? paidFor(heard.events, source.priced ? most : NOTHING) : { ...NOTHING, assumed: false }
      if (source.priced && (paid.promptTokens > most.promptTokens || paid.tokens > most.tokens)) {
        onNotice(`${source.name} counts ${paid.promptTokens} + ${paid.tokens} tokens for a request that was bounded by ${most.promptTokens} + ${most.tokens}`)
      }
      const answer: KeptAnswer = { events: heard.events, tokens: logprobs > 0 ? tokens : null }
      await journal.answered({ request, key, answer, paid })
      meter.ended('answered')
      settle(paid)
      return answer
    }
    const { failed } = heard
    // What was refused costs nothing; whatever else went wrong may have been written, and paid.
    const paid = !source.priced || FREE.has(failed.code) ? null : { ...most, assumed: true }
    await journal.failed({ request, key, error: failed, paid })
    meter.ended('failed')
    settle(paid)
    const pause = PASSING.has(failed.code) && !waiting.aborted ? pauses.next().value : undefined
    if (pause === undefined) return { failed }
    onNotice(`${source.name}: ${failed.found ?? failed.message}; asked again in ${(pause / 1000).toFixed(1)} s`)
    await held(options, wait(pause, undefined, { signal: waiting }).catch(() => waiting.throwIfAborted()))
  }
}

const NOTHING: Most = { promptTokens: 0, tokens: 0 }

/** Nothing was written for these. */
const FREE: ReadonlySet<string> = new Set(['endpoint-refused', 'endpoint-unreachable', 'endpoint-redirects', 'endpoint-no-api', 'endpoint-not-asked', 'context-full', 'unsafe-endpoint'])
/** The next try may go well; a refusal for load was tried again where it came. */
const PASSING: ReadonlySet<string> = new Set(['endpoint-silent', 'endpoint-unreachable', 'endpoint-unintelligible', 'endpoint-broke-off'])

const STOPPED: RetortErrorParts = { code: 'stopped', message: 'the request was stopped before its answer was whole' }

/** The answer whole, without its notices; never throws for what a teacher does. */
async function listen(answer: AsyncIterable<ModelEvent>, { onNotice, onPiece }: Pick<Paying, 'onNotice' | 'onPiece'>): Promise<{ events: ModelEvent[] } | { failed: RetortErrorParts }> {
  const events: ModelEvent[] = []
  try {
    for await (const event of answer) {
      if (event.type === 'failed') return { failed: event.error }
      if (event.type === 'end' && event.reason === 'aborted') return { failed: STOPPED }
      if (event.type === 'notice') onNotice(event.text)
      else append(events, event)
      const piece = pieceOf(event)
      if (piece !== '') onPiece?.(piece)
    }
  } catch (error) {
    if (!(error instanceof RetortError)) throw error
    return { failed: errorParts(error) }
  }
  return events.at(-1)?.type === 'end' ? { events } : { failed: { code: 'endpoint-broke-off', message: 'the answer broke off', found: 'an end without a reason' } }
}

/** What is seen of an event. */
function pieceOf(event: ModelEvent): string {
  if (event.type === 'text' || event.type === 'reasoning') return event.text
  return event.type === 'call' ? `\n${event.name} ${event.arguments}` : ''
}

/** Pieces of one text are one. */
function append(events: ModelEvent[], event: ModelEvent): void {
  const last = events.at(-1)
  if ((event.type === 'text' || event.type === 'reasoning') && last?.type === event.type) events[events.length - 1] = { type: event.type, text: last.text + event.text }
  else events.push(event)
}

function paidFor(events: readonly ModelEvent[], most: Most): Paid {
  const end = events.at(-1)
  if (end?.type !== 'end' || end.tokens === null || end.promptTokens === null) return { ...most, assumed: most !== NOTHING }
  return { promptTokens: end.promptTokens, tokens: end.tokens, assumed: false }
}

/** Tokens that a template may put around a message, and in front of all. */
const PER_MESSAGE = 32
const AROUND = 256

/** A token is at least one byte of what is sent as JSON, whatever the tokenizer. */
export function mostOf(turns: readonly Turn[], { tools, prefix = '', maxTokens }: Pick<CompletionOptions, 'tools' | 'prefix' | 'maxTokens'>): Most {
  const texts = turns.map(({ text, calls }) => JSON.stringify([text, calls.map(({ name, arguments: given }) => [name, given])]))
  const bytes = Buffer.byteLength(`${texts.join('')}${JSON.stringify(tools)}${prefix}${prefix === '' ? '' : INSTRUCTED}`)
  return { promptTokens: bytes + PER_MESSAGE * (turns.length + 1) + AROUND, tokens: maxTokens }
}

/** As long as the words that ask for a beginning. */
const INSTRUCTED = ' '.repeat(120)

/** The limits of rate, as earlier starts with the same journal have left them. */
export const rateOf = (traffic: Traffic, { sent }: Pick<RequestJournal, 'sent'>): RateLimit =>
  createRateLimit({ ...traffic, before: sent.map(({ ago, most }) => ({ ago, tokens: mostExpected(most) })) })

/** For limits of rate, which endpoints reckon by what they expect: four bytes a token. */
const mostExpected = ({ promptTokens, tokens }: Most): number => Math.ceil(promptTokens / 4) + tokens

// One answer of an endpoint as chat events: streamed, measured, with every failure said in full.
import type { ChatEvent } from '../../shared/contract/routes/chat.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import { type AnswerToken, logProbsOf } from './answerLogProbs.ts'
import { connect, type EndpointQuestion, type Part } from './connect.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointError } from './endpointError.ts'
import { createSilence } from './silence.ts'

const PATIENCE_MS = 120_000

/** What a chat shows, and what an agent needs beside it. */
export type EndpointEvent =
  | ChatEvent
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'call'; readonly id: string; readonly name: string; readonly arguments: string }
  /** Of the tokens that follow those of the last such event; only where they were asked for. */
  | { readonly type: 'logprobs'; readonly tokens: readonly AnswerToken[] }

/** Never throws for what an endpoint does: that is a `failed` event. An abort ends the request and gives `aborted`. */
export async function* answerOfEndpoint(question: EndpointQuestion, signal: AbortSignal): AsyncGenerator<ChatEvent, void, undefined> {
  for await (const event of eventsOfEndpoint(question, signal)) {
    if (event.type !== 'reasoning' && event.type !== 'call' && event.type !== 'logprobs') yield event
  }
}

/** The same with thinking and structured calls. */
export async function* eventsOfEndpoint(question: EndpointQuestion, signal: AbortSignal): AsyncGenerator<EndpointEvent, void, undefined> {
  const { endpoint, patience = PATIENCE_MS } = question
  const state: State = { started: performance.now(), text: '', firstAt: null, lastAt: null, usage: null, finish: null }
  const silence = createSilence(patience)
  const abort = AbortSignal.any([signal, silence.signal])
  const failed = (error: unknown): ChatEvent => {
    const expected = `an answer of ${question.model}`
    return { type: 'failed', error: errorParts(endpointError(error, { endpoint, expected, waited: silence.signal.aborted ? patience : null })) }
  }
  try {
    const stream = yield* connect(question, { abort, silence })
    yield { type: 'prompt', tokens: null, reused: 0, context: null }
    for await (const part of stream) {
      if (part.type === 'error') return yield failed(part.error)
      if (part.type === 'stream-start') for (const warning of part.warnings) yield { type: 'notice', text: noticeOf(warning) }
      const text = take(state, part)
      if (text !== '') yield { type: 'text', text }
      if (part.type === 'reasoning-delta' && part.delta !== '') yield { type: 'reasoning', text: part.delta }
      if (part.type === 'raw') {
        const tokens = logProbsOf(part.rawValue)
        if (tokens.length > 0) yield { type: 'logprobs', tokens }
      }
      if (part.type === 'tool-call') yield { type: 'call', id: part.toolCallId, name: part.toolName, arguments: part.input }
    }
    yield conclude(state, endpoint) ?? endOf(state, state.finish === 'length' ? 'length' : 'stop')
  } catch (error) {
    yield signal.aborted ? endOf(state, 'aborted') : failed(error)
  } finally {
    // Leaving early closes the request.
    silence.end()
  }
}

type State = {
  readonly started: number
  text: string
  firstAt: number | null
  lastAt: number | null
  usage: { prompt: number | null; written: number | null } | null
  finish: string | null
}

/** The text of a part; all parts are counted. */
function take(state: State, part: Part): string {
  if (part.type === 'finish') {
    const { inputTokens, outputTokens } = part.usage
    state.usage = { prompt: inputTokens.total ?? null, written: outputTokens.total ?? null }
    state.finish = part.finishReason.unified
    return ''
  }
  // Thinking that is not shown is written nevertheless.
  if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') return ''
  state.lastAt = performance.now()
  state.firstAt ??= state.lastAt
  if (part.type === 'reasoning-delta') return ''
  state.text += part.delta
  return part.delta
}

/** Why an answer that came to its end is none, or null. */
function conclude({ finish, text }: State, { name, baseUrl }: Endpoint): ChatEvent | null {
  const where = `${name} (${baseUrl})`
  const fail = (parts: { code: string; message: string; found: string; expected: string }): ChatEvent => ({
    type: 'failed',
    error: errorParts(new RetortError({ ...parts, where })),
  })
  if (finish === 'content-filter') {
    return fail({ code: 'endpoint-filtered', message: 'the endpoint held the answer back', found: 'its content filter', expected: 'an answer' })
  }
  if (finish === null || finish === 'other' || finish === 'error' || finish === 'interrupted') {
    const found = text === '' ? 'an end without any text' : `an end after ${text.length} characters without a reason`
    return fail({ code: 'endpoint-broke-off', message: 'the answer broke off', found, expected: 'an answer with its end' })
  }
  return null
}

function endOf({ text, usage, started, firstAt, lastAt }: State, reason: (ChatEvent & { type: 'end' })['reason']): ChatEvent {
  const written = usage?.written ?? null
  const prompt = usage?.prompt ?? null
  const seconds = firstAt === null || lastAt === null ? 0 : (lastAt - firstAt) / 1000
  return {
    type: 'end',
    reason,
    text,
    tokens: written,
    promptTokens: prompt,
    firstTokenSeconds: firstAt === null ? null : (firstAt - started) / 1000,
    tokensPerSecond: written === null || written < 2 || seconds === 0 ? null : (written - 1) / seconds,
    used: written === null || prompt === null ? null : prompt + written,
  }
}

function noticeOf(warning: (Part & { type: 'stream-start' })['warnings'][number]): string {
  switch (warning.type) {
    case 'unsupported':
    case 'compatibility':
      return `this endpoint does not do as asked: ${warning.feature}${warning.details ? ` (${warning.details})` : ''}`
    case 'deprecated':
      return `${warning.setting} will not be taken for long: ${warning.message}`
    case 'other':
      return warning.message
  }
}

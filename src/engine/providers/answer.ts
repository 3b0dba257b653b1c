// One answer of an endpoint as chat events: streamed, measured, with every failure said in full.
// The AI SDK's provider packages speak the two protocols; retries, time limits and the key are kept here, where they are seen.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { ChatEvent, Sampling } from '../../shared/contract/routes/chat.ts'
import type { Tool } from '../../shared/records/trajectory.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointError } from './endpointError.ts'
import { guardedFetch } from './guardedFetch.ts'
import { LIMITS, type Limits } from './limitedBody.ts'
import { pauseBefore } from './pause.ts'
import { type AnyMessage, type CallOptions, type LanguageModel, offered, promptOf } from './prompt.ts'
import { refusedSettings } from './refusedSettings.ts'

type EndpointQuestion = {
  readonly endpoint: Endpoint
  readonly model: string
  readonly messages: readonly AnyMessage[]
  readonly sampling: Sampling
  /** Offered for structured calls. */
  readonly tools?: readonly Tool[]
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[]
  /** Milliseconds without a sign of the answer, or of its next part, after which it has failed. */
  readonly patience?: number
  /** Sizes past which an answer is ended. */
  readonly limits?: Limits
}

type Part = Awaited<ReturnType<LanguageModel['doStream']>>['stream'] extends ReadableStream<infer P> ? P : never

/** A row per protocol. The key given here is none: `guardedFetch` puts the right one into each request. */
const MODELS: { readonly [K in Endpoint['kind']]: (endpoint: Endpoint, model: string, limits: Limits) => LanguageModel } = {
  'openai-compatible': (endpoint, model, limits) =>
    createOpenAICompatible({ name: endpoint.id, baseURL: endpoint.baseUrl, fetch: guardedFetch(endpoint, limits), includeUsage: true }).chatModel(model),
  anthropic: (endpoint, model, limits) =>
    createAnthropic({ baseURL: endpoint.baseUrl, apiKey: 'in-guarded-fetch', fetch: guardedFetch(endpoint, limits) }).languageModel(model),
}

const PATIENCE_MS = 120_000
/** Waits before the second and the third try, where the endpoint does not name a time. */
const BACKOFF_MS = [500, 2000]

/** What a chat shows, and what an agent needs beside it. */
export type EndpointEvent =
  | ChatEvent
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'call'; readonly id: string; readonly name: string; readonly arguments: string }

/** Never throws for what an endpoint does: that is a `failed` event. An abort ends the request and gives `aborted`. */
export async function* answerOfEndpoint(question: EndpointQuestion, signal: AbortSignal): AsyncGenerator<ChatEvent, void, undefined> {
  for await (const event of eventsOfEndpoint(question, signal)) if (event.type !== 'reasoning' && event.type !== 'call') yield event
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
      silence.heard()
      if (part.type === 'error') return yield failed(part.error)
      if (part.type === 'stream-start') for (const warning of part.warnings) yield { type: 'notice', text: noticeOf(warning) }
      const text = take(state, part)
      if (text !== '') yield { type: 'text', text }
      if (part.type === 'reasoning-delta' && part.delta !== '') yield { type: 'reasoning', text: part.delta }
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

/**
 * The first request that is not refused for load, or for a setting that this model does not take. A wait, and a setting left
 * out, are said; after the last try the refusal is thrown.
 */
async function* connect(
  { endpoint, model, messages, sampling, tools = [], stop = [], limits = LIMITS }: EndpointQuestion,
  { abort, silence }: { abort: AbortSignal; silence: Silence },
): AsyncGenerator<ChatEvent, ReadableStream<Part>, undefined> {
  const base = {
    prompt: messages.map((message, index) => promptOf(message, messages.slice(0, index))),
    maxOutputTokens: sampling.maxTokens,
    seed: sampling.seed,
    abortSignal: abort,
    ...(stop.length > 0 && { stopSequences: [...stop] }),
    ...(tools.length > 0 && { tools: tools.map(offered) }),
  }
  let settings = SETTINGS[endpoint.kind](sampling)
  const pauses = BACKOFF_MS.values()
  for (;;) {
    try {
      return (await MODELS[endpoint.kind](endpoint, model, limits).doStream({ ...base, ...settings })).stream
    } catch (error) {
      const refusal = refusalSchema.safeParse(error).data
      if (!refusal || abort.aborted) throw error
      const refused = refusedSettings(refusal).filter(({ option }) => option in settings)
      if (refused.length > 0) {
        settings = Object.fromEntries(Object.entries(settings).filter(([name]) => refused.every(({ option }) => option !== name)))
        const names = refused.map(({ name, option }) => `${name} ${sampling[option]}`).join(' and ')
        yield { type: 'notice', text: `${endpoint.name} does not take ${names} for this model; asked again without, so the model’s own is used` }
      } else {
        const milliseconds = pauseBefore(refusal, pauses.next().value)
        if (milliseconds === null) throw error
        yield { type: 'notice', text: `${endpoint.name} answered status ${refusal.statusCode}; trying again in ${milliseconds / 1000} s` }
        await wait(milliseconds, undefined, { signal: abort })
      }
      silence.heard()
    }
  }
}

type Settings = Pick<CallOptions, 'temperature' | 'topP'>

/** What is said of how to draw, by protocol. Servers of the first have values of their own (llama.cpp: 0.8 and 0.95). */
const SETTINGS: { readonly [K in Endpoint['kind']]: (sampling: Sampling) => Settings } = {
  'openai-compatible': ({ temperature, topP }) => ({ temperature, topP }),
  // 1 is the API's own value of both (its reference, POST /v1/messages), and newer models take only one of them.
  anthropic: ({ temperature, topP }) => ({ ...(temperature === 1 ? {} : { temperature }), ...(topP === 1 ? {} : { topP }) }),
}

const refusalSchema = z.object({
  statusCode: z.int(),
  responseBody: z.string().optional(),
  responseHeaders: z.record(z.string(), z.string()).optional(),
})

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

type Silence = { readonly signal: AbortSignal; heard(): void; end(): void }

/** Aborts after `patience` milliseconds in which nothing was heard; `end` aborts at once. */
function createSilence(patience: number): Silence {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patience)
  return {
    signal: controller.signal,
    heard: () => void timer.refresh(),
    end() {
      clearTimeout(timer)
      controller.abort()
    },
  }
}

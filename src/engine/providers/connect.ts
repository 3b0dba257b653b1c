// The first request to an endpoint that is not refused: asked again when it is busy, and without a setting, or the name of one, that its model does not take.
// The AI SDK's provider packages speak the two protocols; retries and the key are kept here, where they are seen.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Sampling } from '../../shared/contract/routes/chat.ts'
import type { Tool } from '../../shared/records/trajectory.ts'
import type { Endpoint } from './endpoint.ts'
import { guardedFetch } from './guardedFetch.ts'
import { LIMITS, type Limits } from './limitedBody.ts'
import { onlyEvents } from './onlyEvents.ts'
import { pauseBefore } from './pause.ts'
import { PREFILLS, prefillOf } from './prefill.ts'
import { type AnyMessage, type CallOptions, type LanguageModel, offered, promptOf } from './prompt.ts'
import { knownRefusals, noteRefusal, refusedSettings } from './refusedSettings.ts'
import type { Silence } from './silence.ts'

export type EndpointQuestion = {
  readonly endpoint: Endpoint
  readonly model: string
  readonly messages: readonly AnyMessage[]
  readonly sampling: Sampling
  /** Offered for structured calls. */
  readonly tools?: readonly Tool[]
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[]
  /** The answer begins with this and goes on from it, as the endpoint's `prefill` says; the answer is the rest. */
  readonly prefix?: string
  /** Log-probabilities of so many tokens at each place of the answer, where the endpoint gives them. */
  readonly logprobs?: number
  /** Milliseconds without a sign of the answer, be it only that the endpoint is at work on it, after which it has failed. */
  readonly patience?: number
  /** Sizes past which an answer is ended. */
  readonly limits?: Limits
  /** Waits before further tries, where the endpoint does not name a time. */
  readonly pauses?: Iterator<number, undefined>
  /** Longest time that the endpoint may name, in milliseconds. */
  readonly mostPause?: number
  /** Awaited before each further request of the same question, for limits of their rate: the first goes when it is asked. */
  readonly again?: (signal: AbortSignal) => Promise<void>
  /** Called when waiting begins that is none for an answer: before a further request; what it gives is called at its end. */
  readonly hold?: () => () => void
}

export type Part = Awaited<ReturnType<LanguageModel['doStream']>>['stream'] extends ReadableStream<infer P> ? P : never

type Extra = Readonly<Record<string, unknown>>

type ModelParts = { readonly endpoint: Endpoint; readonly model: string; readonly limits: Limits; readonly onBytes: () => void; readonly change: (body: Record<string, unknown>) => Record<string, unknown> }

const streamed = (request: ReturnType<typeof guardedFetch>): typeof request => async (...of) => onlyEvents(await request(...of))

/** A row per protocol. The key given here is none: `guardedFetch` puts the right one into each request. */
const MODELS: { readonly [K in Endpoint['kind']]: (parts: ModelParts) => LanguageModel } = {
  'openai-compatible': ({ endpoint, model, limits, onBytes, change }) =>
    createOpenAICompatible({
      name: endpoint.id, baseURL: endpoint.baseUrl, fetch: streamed(guardedFetch(endpoint, limits, onBytes)), includeUsage: true, transformRequestBody: change,
    }).chatModel(model),
  anthropic: ({ endpoint, model, limits, onBytes }) =>
    createAnthropic({ baseURL: endpoint.baseUrl, apiKey: 'in-guarded-fetch', fetch: streamed(guardedFetch(endpoint, limits, onBytes)) }).languageModel(model),
}

/** Waits before the second and the third try, where nothing is said. */
const BACKOFF_MS = [500, 2000]

/** A wait, and a setting left out, are said; after the last try the refusal is thrown. */
export async function* connect(
  question: EndpointQuestion,
  { abort, silence }: { abort: AbortSignal; silence: Pick<Silence, 'heard' | 'hold'> },
): AsyncGenerator<{ type: 'notice'; text: string }, ReadableStream<Part>, undefined> {
  const { endpoint, messages, sampling, tools = [], prefix = '', mostPause } = question
  const whole = prefix === '' ? messages : [...messages, { role: 'assistant' as const, text: prefix }]
  const base = {
    prompt: whole.map((message, index) => promptOf(message, whole.slice(0, index))),
    maxOutputTokens: sampling.maxTokens, // Always: budgets rest on it.
    abortSignal: abort,
    ...(tools.length > 0 && { tools: tools.map(offered) }),
  }
  const wanted = SETTINGS[endpoint.kind](question)
  let settings = without(wanted, knownRefusals(question, wanted))
  const pauses = question.pauses ?? BACKOFF_MS.values()
  const held = async (waiting: () => Promise<unknown>): Promise<void> => {
    silence.hold()
    const goOn = question.hold?.()
    try {
      await waiting()
    } finally {
      goOn?.()
      silence.heard()
    }
  }
  const { again } = question
  for (let first = true; ; first = false) {
    if (again && !first) await held(() => again(abort))
    try {
      return await opened(question, { base, settings, onBytes: silence.heard })
    } catch (error) {
      const refusal = refusalSchema.safeParse(error).data
      if (!refusal || abort.aborted) throw error
      const refused = refusedSettings(refusal).filter(({ option }) => option in settings)
      if (refused.length > 0) {
        for (const setting of refused) {
          const { option, name, instead } = setting
          const value = settings[option]
          if (!noteRefusal(question, settings, setting)) continue
          yield { type: 'notice', text: `${endpoint.name} does not take ${typeof value === 'number' ? `${name} ${value}` : name} for this model; ${instead}` }
        }
        settings = without(settings, refused)
      } else {
        const milliseconds = pauseBefore(refusal, pauses.next().value, mostPause)
        if (milliseconds === null) throw error
        yield { type: 'notice', text: `${endpoint.name} answered status ${refusal.statusCode}; trying again in ${milliseconds / 1000} s` }
        await held(() => wait(milliseconds, undefined, { signal: abort }))
      }
      silence.heard()
    }
  }
}

type Opening = { readonly base: CallOptions; readonly settings: Settings; readonly onBytes: () => void }

async function opened({ endpoint, model, limits = LIMITS, prefix = '' }: EndpointQuestion, { base, settings, onBytes }: Opening): Promise<ReadableStream<Part>> {
  const { logprobs, stop, maxTokens, ...drawing } = settings
  const extra: Extra = logprobs === undefined ? {} : { logprobs: true, top_logprobs: logprobs }
  const limited = maxTokens === undefined ? renamedLimit : (body: Record<string, unknown>) => body
  const continued = prefix === '' ? (body: Record<string, unknown>) => body : PREFILLS[prefillOf(endpoint)]
  const change = (body: Record<string, unknown>): Record<string, unknown> => continued({ ...limited(body), ...extra })
  const asked = { ...base, ...drawing, ...(stop === undefined ? {} : { stopSequences: [...stop] }), ...(logprobs === undefined ? {} : { includeRawChunks: true }) }
  return (await MODELS[endpoint.kind]({ endpoint, model, limits, onBytes, change }).doStream(asked)).stream
}

/** What may be refused. `maxTokens`: the limit goes under its old name; absent, under its new one. */
type Settings = { readonly temperature?: number; readonly topP?: number; readonly seed?: number; readonly logprobs?: number; readonly stop?: readonly string[]; readonly maxTokens?: number }

function without(settings: Settings, refused: readonly { readonly option: keyof Settings }[]): Settings {
  const options = new Set<string>(refused.map(({ option }) => option))
  return Object.fromEntries(Object.entries(settings).filter(([option]) => !options.has(option)))
}

function renamedLimit({ max_tokens: limit, ...body }: Record<string, unknown>): Record<string, unknown> {
  return limit === undefined ? body : { ...body, max_completion_tokens: limit }
}

const stopOf = (stop: readonly string[] = []): Settings => (stop.length === 0 ? {} : { stop })

/** What is said of how to write, by protocol. Servers of the first have values of their own (llama.cpp: 0.8 and 0.95). */
const SETTINGS: { readonly [K in Endpoint['kind']]: (question: Pick<EndpointQuestion, 'sampling' | 'logprobs' | 'stop'>) => Settings } = {
  'openai-compatible': ({ sampling: { temperature, topP, seed, maxTokens }, logprobs, stop }) =>
    ({ temperature, topP, seed, maxTokens, ...stopOf(stop), ...(logprobs === undefined || logprobs === 0 ? {} : { logprobs }) }),
  // 1 is the API's own value of both (its reference, POST /v1/messages), and newer models take only one of them. It gives no log-probabilities, and a notice about the seed.
  anthropic: ({ sampling: { temperature, topP, seed }, stop }) => ({ seed, ...(temperature === 1 ? {} : { temperature }), ...(topP === 1 ? {} : { topP }), ...stopOf(stop) }),
}

const refusalSchema = z.object({
  statusCode: z.int(),
  responseBody: z.string().optional(),
  responseHeaders: z.record(z.string(), z.string()).optional(),
})

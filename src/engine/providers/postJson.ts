// One question to an endpoint whose answer is a JSON document: asked again while the endpoint is busy, slow or not to be reached.
import { setTimeout as wait } from 'node:timers/promises'
import type { RetortError } from '../../shared/errors.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointError } from './endpointError.ts'
import { guardedFetch } from './guardedFetch.ts'
import type { Limits } from './limitedBody.ts'
import { isPassing, pauseBefore } from './pause.ts'

export type Patience = {
  /** Milliseconds after which a try has failed. */
  readonly timeoutMs: number
  /** Waits before the second and each further try, in milliseconds; half of each, up to one and a half, by chance. */
  readonly backoffMs: readonly number[]
}

/** A prompt of some ten thousand tokens takes a small server minutes. */
export const PATIENCE: Patience = { timeoutMs: 300_000, backoffMs: [500, 2000, 5000, 15_000] }

export type JsonQuestion = {
  readonly endpoint: Endpoint
  /** Behind the base URL. */
  readonly path: string
  readonly body: unknown
  /** What an error says was expected. */
  readonly expected: string
  readonly limits: Limits
  readonly patience: Patience
  /** Told before each further try. */
  readonly onNotice: (text: string) => void
  readonly signal: AbortSignal
}

/** 'refused': the endpoint has understood the question and will not answer it; asked otherwise, it may. */
export type JsonAnswer = { readonly type: 'answer'; readonly json: unknown } | { readonly type: 'refused'; readonly error: RetortError }

/** Wrong keys are no matter of how one asks. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 415, 422])

type Try = { readonly outcome: JsonAnswer } | { readonly failed: RetortError; readonly pause: (own: number | undefined) => number | null }

/** Throws RetortError with what the endpoint answered last; the key is in none. An abort is thrown as it came. */
export async function postJson(question: JsonQuestion): Promise<JsonAnswer> {
  const { patience, signal, endpoint, onNotice } = question
  const pauses = patience.backoffMs.values()
  for (;;) {
    const made = await tryOnce(question)
    signal.throwIfAborted()
    if ('outcome' in made) return made.outcome
    const own = pauses.next().value
    const pause = made.pause(own === undefined ? undefined : Math.round(own * (0.5 + Math.random())))
    if (pause === null) throw made.failed
    onNotice(`${endpoint.name}: ${made.failed.found ?? made.failed.message}; asked again in ${(pause / 1000).toFixed(1)} s`)
    await wait(pause, undefined, { signal })
  }
}

async function tryOnce({ endpoint, path, body, expected, limits, patience, signal }: JsonQuestion): Promise<Try> {
  const limit = AbortSignal.timeout(patience.timeoutMs)
  const asError = (error: unknown): RetortError => endpointError(error, { endpoint, expected, waited: limit.aborted ? patience.timeoutMs : null })
  try {
    const response = await guardedFetch(endpoint, limits)(`${endpoint.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, limit]),
    })
    const text = await response.text()
    if (response.ok) return { outcome: { type: 'answer', json: JSON.parse(text) } }
    const { status } = response
    const failed = asError(Object.assign(new Error(`status ${status}`), { statusCode: status, responseBody: text }))
    if (REFUSALS.has(status)) return { outcome: { type: 'refused', error: failed } }
    const refusal = { statusCode: status, responseHeaders: Object.fromEntries(response.headers) }
    return { failed, pause: (own) => (isPassing(status) ? pauseBefore(refusal, own) : null) }
  } catch (error) {
    const failed = asError(error)
    // Redirects and endless answers stay what they are; silence, a broken connection and half a document may pass.
    return { failed, pause: (own) => (PASSING.has(failed.code) ? (own ?? null) : null) }
  }
}

const PASSING: ReadonlySet<string> = new Set(['endpoint-silent', 'endpoint-unreachable', 'endpoint-unintelligible', 'endpoint-broke-off'])

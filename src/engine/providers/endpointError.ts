// What an endpoint answered, or why it did not, as an error for a person; the key is never in it.
import { z } from 'zod'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { Endpoint } from './endpoint.ts'

/** Of the AI SDK's APICallError, and of a plain answer with its body. */
const answeredSchema = z.object({ statusCode: z.int(), responseBody: z.string().optional() })

/** Where the protocols put their message. */
const messageSchema = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
])

const MOST_CHARACTERS = 1000

type Asked = {
  readonly endpoint: Endpoint
  readonly expected: string
  /** Milliseconds after which it was given up; null: it was not. */
  readonly waited: number | null
}

export function endpointError(error: unknown, { endpoint, expected, waited }: Asked): RetortError {
  const where = `${endpoint.name} (${endpoint.baseUrl})`
  const own = error instanceof Error ? chainOf(error).find((cause) => cause instanceof RetortError) : undefined
  if (own) return redacted(new RetortError({ where, ...errorParts(own) }), endpoint.key)
  const make = (parts: { code: string; message: string; found: string; advice?: string }): RetortError =>
    redacted(new RetortError({ ...parts, expected, where }), endpoint.key)
  if (waited !== null) {
    return make({ code: 'endpoint-silent', message: 'the endpoint did not answer in time', found: `nothing within ${waited / 1000} s` })
  }
  const { statusCode, responseBody = '' } = answeredSchema.safeParse(error).data ?? {}
  if (statusCode !== undefined && statusCode >= 400) {
    const said = messageOf(responseBody)
    const advice = ADVICE[statusCode]
    return make({
      code: 'endpoint-refused',
      message: 'the endpoint refused the request',
      found: `status ${statusCode}${said === '' ? '' : `: ${said}`}`,
      ...(advice === undefined ? {} : { advice }),
    })
  }
  if (!(error instanceof Error)) {
    return make({ code: 'endpoint-failed', message: 'the endpoint reported an error', found: messageOf(JSON.stringify(error)) })
  }
  const chain = chainOf(error)
  // Some errors repeat what their cause says.
  const found = shortened(chain.map(textOf).filter((text, at, all) => !all.slice(0, at).some((before) => before.includes(text))).join(': '))
  const row = FAILURES.find(({ of }) => chain.some(of))
  return make({ code: 'endpoint-unreachable', message: 'the endpoint cannot be reached', ...row?.parts, found })
}

/** What else can go wrong, by any error of the chain of causes. */
const FAILURES: readonly { readonly of: (error: Error) => boolean; readonly parts: { code: string; message: string } }[] = [
  {
    // Names of the AI SDK; the message is what @ai-sdk/anthropic makes of a first event that is not JSON.
    of: ({ name, message }) => /^(SyntaxError|ZodError|\$ZodError|AI_JSONParseError|AI_TypeValidationError)$/.test(name) || /normalized \w+ stream error/.test(message),
    parts: { code: 'endpoint-unintelligible', message: 'the endpoint answered something else' },
  },
  {
    // Messages of Node's fetch, and of @ai-sdk/openai-compatible.
    of: ({ message }) => /^(terminated|other side closed|.*ECONNRESET.*|.* without a finish reason\.?)$/.test(message),
    parts: { code: 'endpoint-broke-off', message: 'the connection broke off' },
  },
  {
    of: ({ name }) => /^AI_(UnsupportedFunctionality|InvalidArgument|InvalidPrompt)Error$/.test(name),
    parts: { code: 'endpoint-not-asked', message: 'the endpoint cannot be asked this' },
  },
  {
    // Of Node's fetch: ports of other services, 9 for one.
    of: ({ message }) => message === 'bad port',
    parts: { code: 'endpoint-not-asked', message: 'the port of this address is none that HTTP clients may ask' },
  },
]

const ADVICE: Readonly<Partial<Record<number, string>>> = {
  401: 'set the key of this provider in the settings',
  403: 'see whether the key of this provider may use this model',
  404: 'see whether the base URL is right (it often ends in /v1) and the model is there',
  429: 'wait a little, or see whether the account has credit',
}

/** The endpoint's own message, else the beginning of what it sent. */
function messageOf(body: string): string {
  try {
    const message = messageSchema.safeParse(JSON.parse(body)).data
    if (message !== undefined) return shortened(message)
  } catch {
    // Not JSON, as from a proxy: the text itself then.
  }
  return shortened(body.trim())
}

/** An error with the causes behind it: `fetch failed` alone says nothing. */
function chainOf(error: Error): Error[] {
  const chain: Error[] = []
  for (let at: unknown = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at)
  return chain
}

const textOf = (error: Error): string => error.message || (error as NodeJS.ErrnoException).code || error.name

const shortened = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)`

/** Endpoints repeat keys in what they complain about, and may do so in addresses. */
function redacted(error: RetortError, key: string | null): RetortError {
  if (key === null) return error
  const forms = [...new Set([key, encodeURIComponent(key)])]
  const clean = (text: string): string => forms.reduce((left, form) => left.replaceAll(form, '[key]'), text)
  const { code, ...texts } = errorParts(error)
  const cleaned = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, clean(text as string)])) as typeof texts
  return new RetortError({ ...cleaned, code })
}

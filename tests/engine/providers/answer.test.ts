// Answers of endpoints, by a fake on this machine: both protocols, every way to fail, retries, abort, what is sent where.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answerOfEndpoint, type Endpoint, listEndpointModels } from '../../../src/engine/providers/index.ts'
import type { ChatEvent, ChatMessage, Sampling } from '../../../src/shared/contract/routes/chat.ts'
import { type FakeProvider, fakeProvider, PROMPT } from '../../support/fakeProvider.ts'

const KEY = 'sk-planted-0123456789'
const SAMPLING: Sampling = { temperature: 0.5, topP: 0.9, seed: 7, maxTokens: 64 }
const MESSAGES: ChatMessage[] = [
  { role: 'system', text: 'Be short.' },
  { role: 'user', text: 'Hello?' },
  { role: 'assistant', text: 'Hello.' },
  { role: 'user', text: 'And now?' },
]

const endpointOf = (fake: { baseUrl: string }, kind: Endpoint['kind'], key: string | null = KEY): Endpoint => ({
  id: 'fake', name: 'Fake', kind, baseUrl: fake.baseUrl, models: [], key,
})

type Asked = { model?: string; stop?: readonly string[]; patience?: number; limits?: { answer: number; event: number; plain: number }; signal?: AbortSignal; sampling?: Sampling; onEvent?: (event: ChatEvent) => void }

async function ask(endpoint: Endpoint, { signal = new AbortController().signal, onEvent, ...rest }: Asked = {}): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of answerOfEndpoint({ endpoint, model: 'm', messages: MESSAGES, sampling: SAMPLING, ...rest }, signal)) {
    events.push(event)
    onEvent?.(event)
  }
  return events
}

const textsOf = (events: ChatEvent[]): string[] => events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
const failureOf = (events: ChatEvent[]) => {
  const last = events.at(-1)
  if (last?.type !== 'failed') throw new Error(`expected a failure, found ${JSON.stringify(last)}`)
  return last.error
}
const until = async (what: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 200 && !what(); tries++) await wait(10)
  expect(what()).toBe(true)
}

const KINDS: [kind: Endpoint['kind'], path: string][] = [
  ['openai-compatible', '/v1/chat/completions'],
  ['anthropic', '/v1/messages'],
]

describe.each(KINDS)('%s', (kind, path) => {
  const start = async (key: string | null = KEY): Promise<{ fake: FakeProvider; endpoint: Endpoint }> => {
    const fake = await fakeProvider()
    return { fake, endpoint: endpointOf(fake, kind, key) }
  }

  test('streams an answer, with its tokens and times; sends what was asked', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'answer', pieces: ['On', 'the', ' mat.'], pauseMs: 400 })
    const events = await ask(endpoint)
    expect(events.filter(({ type }) => type === 'prompt')).toEqual([{ type: 'prompt', tokens: null, reused: 0, context: null }])
    expect(textsOf(events)).toEqual(['On', 'the', ' mat.'])
    const end = events.at(-1) as ChatEvent & { type: 'end' }
    expect(end).toMatchObject({ type: 'end', reason: 'stop', text: 'Onthe mat.', tokens: 3, promptTokens: PROMPT, used: PROMPT + 3 })
    expect(end.firstTokenSeconds).toBeGreaterThan(0)
    // Two tokens in 800 ms after the first; on a busy machine the first is read late, and they seem faster.
    expect(end.tokensPerSecond).toBeGreaterThan(0)
    expect(end.tokensPerSecond).toBeLessThan(14)

    const [request] = fake.seen
    expect(request).toMatchObject({ method: 'POST', path })
    const body = request!.body as Record<string, unknown>
    expect(body).toMatchObject({ model: 'm', stream: true, max_tokens: 64, temperature: 0.5 })
    const said = JSON.stringify(body)
    for (const { text } of MESSAGES) expect(said).toContain(text)
    if (kind === 'openai-compatible') {
      expect(request!.headers.authorization).toBe(`Bearer ${KEY}`)
      expect(body).toMatchObject({ seed: 7, top_p: 0.9, messages: [{ role: 'system' }, { role: 'user' }, { role: 'assistant' }, { role: 'user' }] })
    } else {
      expect(request!.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' })
      expect(request!.headers.authorization).toBeUndefined()
      // It takes no seed, and says so.
      expect(events.some((event) => event.type === 'notice' && event.text.includes('seed'))).toBe(true)
    }
  })

  test('without a key none is sent', async () => {
    const { fake, endpoint } = await start(null)
    fake.behave({ type: 'answer', pieces: ['a'] })
    await ask(endpoint)
    expect(fake.seen[0]!.headers).not.toHaveProperty('authorization')
    expect(fake.seen[0]!.headers).not.toHaveProperty('x-api-key')
  })

  test('the limit of tokens, and a filter', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'answer', pieces: ['a'], finish: 'length' })
    expect((await ask(endpoint)).at(-1)).toMatchObject({ type: 'end', reason: 'length', text: 'a' })
    fake.behave({ type: 'answer', pieces: ['a'], finish: 'filter' })
    expect(failureOf(await ask(endpoint))).toMatchObject({ code: 'endpoint-filtered' })
  })

  test('refused: the status and the message, without the key that it repeats, and not tried again', async () => {
    const { fake, endpoint } = await start()
    const body = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: `bad key ${KEY}` } })
    fake.behave({ type: 'refuse', status: 401, body })
    const error = failureOf(await ask(endpoint))
    expect(error).toMatchObject({ code: 'endpoint-refused', found: 'status 401: bad key [key]', where: `Fake (${fake.baseUrl})` })
    expect(error.advice).toContain('key')
    expect(fake.seen).toHaveLength(1)
    fake.behave({ type: 'refuse', status: 404, body: '<html>no such page</html>', headers: { 'content-type': 'text/html' } })
    expect(failureOf(await ask(endpoint))).toMatchObject({ found: 'status 404: <html>no such page</html>' })
  })

  test('too many requests, then an answer: the wait is said', async () => {
    const { fake, endpoint } = await start()
    const refuse = { type: 'refuse', status: 429, body: '{"error":{"message":"slow down"}}', headers: { 'retry-after': '0' } } as const
    fake.behave(refuse, { type: 'answer', pieces: ['a'] })
    const events = await ask(endpoint)
    expect(events[0]).toEqual({ type: 'notice', text: 'Fake answered status 429; trying again in 0 s' })
    expect(events.at(-1)).toMatchObject({ type: 'end', text: 'a' })
    expect(fake.seen).toHaveLength(2)
  })

  test('an endpoint that stays broken is asked three times', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'refuse', status: 500, body: '{"error":{"message":"out of order"}}', headers: { 'retry-after': '0' } })
    expect(failureOf(await ask(endpoint))).toMatchObject({ code: 'endpoint-refused', found: 'status 500: out of order' })
    expect(fake.seen).toHaveLength(3)
    fake.behave({ type: 'refuse', status: 503, body: 'x', headers: { 'retry-after': '3600' } })
    expect(failureOf(await ask(endpoint))).toMatchObject({ found: 'status 503: x' })
    expect(fake.seen).toHaveLength(4)
  })

  test('an error within the stream', async () => {
    const { fake, endpoint } = await start()
    const data = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'out of breath' } })
    fake.behave({ type: 'raw', body: `event: error\ndata: ${data}\n\n` })
    const stopped = new AbortController()
    const error = failureOf(await ask(endpoint, { signal: stopped.signal }))
    expect(error.found).toContain('out of breath')
    expect(error.code).toMatch(/^endpoint-(failed|refused)$/)
  })

  test('a stream that is none, one that breaks off, one without its end', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'raw', body: 'data: {"choices": [{"del\n\ndata: [DONE]\n\n' })
    expect(failureOf(await ask(endpoint)).code).toBe('endpoint-unintelligible')
    fake.behave({ type: 'cut', pieces: ['one', 'two'] })
    const cut = await ask(endpoint)
    expect(textsOf(cut)).toEqual(['one', 'two'])
    expect(failureOf(cut)).toMatchObject({ code: 'endpoint-broke-off' })
    fake.behave({ type: 'raw', body: '' })
    expect(failureOf(await ask(endpoint))).toMatchObject({ code: 'endpoint-broke-off' })
  })

  test('a page is no answer: its type and beginning are said', async () => {
    const { fake, endpoint } = await start()
    const page = '\n<!doctype html><html><head><title>Sign in</title></head><body>Welcome</body></html>'
    for (const [type, found] of [['text/html; charset=utf-8', 'text/html'], ['text/plain', 'text/plain']] as const) {
      fake.behave({ type: 'refuse', status: 200, body: page, headers: { 'content-type': type } })
      const error = failureOf(await ask(endpoint))
      expect(error).toMatchObject({ code: 'endpoint-no-api', expected: 'a stream of events', where: `Fake (${fake.baseUrl})` })
      expect(error.found).toBe(`${found}, beginning "<!doctype html><html><head><title>Sign i"`)
      expect(error.advice).toContain('/v1')
    }
    expect(fake.seen).toHaveLength(2)
    // Events by the name of something else are read as events.
    fake.behave({ type: 'refuse', status: 200, body: 'data: {"choices": [{"del\n\ndata: [DONE]\n\n', headers: { 'content-type': 'application/octet-stream' } })
    expect(failureOf(await ask(endpoint)).code).toBe('endpoint-unintelligible')
  })

  test('silence has an end, before the first token and after it', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'silent' })
    expect(failureOf(await ask(endpoint, { patience: 1000 }))).toMatchObject({ code: 'endpoint-silent', found: 'nothing within 1 s' })
    await until(() => fake.closed() === 1)
    fake.behave({ type: 'answer', pieces: ['a', 'b'], pauseMs: 5000 })
    const events = await ask(endpoint, { patience: 1000 })
    expect(textsOf(events)).toEqual(['a'])
    expect(failureOf(events).code).toBe('endpoint-silent')
  })

  test('an answer that takes longer than the patience is no silence, as long as something comes', async () => {
    const [slow, thinking] = [await start(), await start()]
    slow.fake.behave({ type: 'answer', pieces: ['a', 'b', 'c', 'd', 'e', 'f'], pauseMs: 1100 })
    thinking.fake.behave({ type: 'answer', pieces: ['a', 'b'], thinkingMs: 5500 })
    const [spoken, thought] = await Promise.all([slow, thinking].map(({ endpoint }) => ask(endpoint, { patience: 5000 })))
    expect(spoken!.at(-1)).toMatchObject({ type: 'end', text: 'abcdef' })
    expect(thought!.at(-1)).toMatchObject({ type: 'end', text: 'ab' })
  })

  test('an abort ends the answer and the request; so does leaving the loop, and an abort while it waits', async () => {
    const { fake, endpoint } = await start()
    const stop = new AbortController()
    fake.behave({ type: 'answer', pieces: Array<string>(500).fill('a'), pauseMs: 10 })
    const events = await ask(endpoint, { signal: stop.signal, onEvent: ({ type }) => type === 'text' && stop.abort() })
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'aborted', text: 'a' })
    await until(() => fake.closed() === 1)

    const question = { endpoint, model: 'm', messages: MESSAGES, sampling: SAMPLING }
    for await (const event of answerOfEndpoint(question, new AbortController().signal)) if (event.type === 'text') break
    await until(() => fake.closed() === 2)

    fake.behave({ type: 'refuse', status: 503, body: '', headers: { 'retry-after': '15' } })
    const waiting = new AbortController()
    const started = performance.now()
    const left = await ask(endpoint, { signal: waiting.signal, onEvent: ({ type }) => type === 'notice' && waiting.abort() })
    expect(left.at(-1)).toMatchObject({ type: 'end', reason: 'aborted' })
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('a redirect is not followed: the key stays here', async () => {
    const { fake, endpoint } = await start()
    const other = await fakeProvider()
    other.behave({ type: 'answer', pieces: ['stolen'] })
    for (const status of [301, 302, 303, 307, 308]) {
      fake.behave({ type: 'refuse', status, body: '', headers: { location: `${other.baseUrl}/elsewhere?k=v` } })
      const error = failureOf(await ask(endpoint))
      expect(error).toMatchObject({ code: 'endpoint-redirects', found: `status ${status} to ${other.baseUrl}/elsewhere` })
      await expect(listEndpointModels(endpoint, undefined)).rejects.toMatchObject({ code: 'endpoint-redirects' })
    }
    expect(other.seen).toEqual([])
  })

  test('the list of models', async () => {
    const { fake, endpoint } = await start()
    fake.behave({ type: 'answer', pieces: ['b', 'a', 'b'] })
    expect(await listEndpointModels(endpoint, undefined)).toEqual(['a', 'b'])
    expect(fake.seen[0]).toMatchObject({ method: 'GET', path: '/v1/models' })
    fake.behave({ type: 'silent' })
    await expect(listEndpointModels(endpoint, undefined)).rejects.toMatchObject({ code: 'endpoint-unintelligible' })
    fake.behave({ type: 'refuse', status: 403, body: JSON.stringify({ error: { message: `no: ${KEY}` } }) })
    await expect(listEndpointModels(endpoint, undefined)).rejects.toMatchObject({ code: 'endpoint-refused', found: 'status 403: no: [key]' })
  })
})

test('nobody there', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  const endpoint = endpointOf({ baseUrl: `http://127.0.0.1:${port}/v1` }, 'openai-compatible')
  const error = failureOf(await ask(endpoint))
  expect(error.code).toBe('endpoint-unreachable')
  expect(error.found).toContain('ECONNREFUSED')
})

test('temperature 1 and top-p 1 are sent: an endpoint’s own values are others', async () => {
  const fake = await fakeProvider()
  fake.behave({ type: 'answer', pieces: ['a'] })
  await ask(endpointOf(fake, 'openai-compatible'), { sampling: { ...SAMPLING, temperature: 1, topP: 1 } })
  expect(fake.seen[0]!.body).toMatchObject({ temperature: 1, top_p: 1 })
  await ask(endpointOf(fake, 'anthropic'), { sampling: { ...SAMPLING, temperature: 1, topP: 1 } })
  expect(fake.seen[1]!.body).not.toHaveProperty('top_p')
})

test('a setting that the model does not take is left out, and that is said', async () => {
  const fake = await fakeProvider()
  const refuse = (error: object) => ({ type: 'refuse', status: 400, body: JSON.stringify({ error }) }) as const
  fake.behave(
    refuse({ message: "Unsupported value: only the default is supported", param: 'temperature' }),
    refuse({ message: "Unknown parameter: 'top_p'." }),
    { type: 'answer', pieces: ['a'] },
  )
  const events = await ask(endpointOf(fake, 'openai-compatible'))
  expect(events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))).toEqual([
    expect.stringContaining('does not take temperature 0.5'), expect.stringContaining('does not take top-p 0.9'),
  ])
  expect(events.at(-1)).toMatchObject({ type: 'end', text: 'a' })
  expect(fake.seen.map(({ body }) => Object.keys(body as object).filter((key) => /temp|top/.test(key)))).toEqual([['temperature', 'top_p'], ['top_p'], []])
  fake.behave(refuse({ message: 'the prompt is too long' }))
  expect(failureOf(await ask(endpointOf(fake, 'openai-compatible')))).toMatchObject({ found: 'status 400: the prompt is too long' })
  expect(fake.seen).toHaveLength(4)
})

test('what was refused once is not sent to that model again, and is said once; another value of it may be taken', async () => {
  const fake = await fakeProvider()
  const refuse = (param: string) => ({ type: 'refuse', status: 400, body: JSON.stringify({ error: { message: 'not this', param } }) }) as const
  fake.behave(refuse('temperature'), refuse('stop'), refuse('seed'), { type: 'answer', pieces: ['a'] })
  const endpoint = endpointOf(fake, 'openai-compatible')
  const noticesOf = (events: readonly ChatEvent[]) => events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
  const sentOf = (number: number) => Object.keys(fake.seen[number]!.body as object).filter((key) => /^(temperature|seed|stop)$/.test(key)).sort()
  expect(noticesOf(await ask(endpoint, { stop: ['Observation:'] }))).toHaveLength(3)
  expect(fake.seen).toHaveLength(4)
  expect(noticesOf(await ask(endpoint, { stop: ['Observation:'], sampling: { ...SAMPLING, seed: 8 } }))).toEqual([])
  expect(fake.seen).toHaveLength(5)
  expect(sentOf(4)).toEqual([])
  await ask(endpoint, { stop: ['Result:'], sampling: { ...SAMPLING, temperature: 1 } })
  await ask(endpoint, { stop: ['Observation:'], model: 'other' })
  expect([sentOf(5), sentOf(6)]).toEqual([['stop', 'temperature'], ['seed', 'stop', 'temperature']])
})

test.each([
  ['OpenAI', 400, { error: { message: 'Unsupported parameter: seed', param: null } }],
  ['Mistral', 422, { object: 'error', message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'Extra inputs are not permitted', input: 7 }] } }],
])('a seed that it does not take is left out: as %s says so', async (_, status, body) => {
  const fake = await fakeProvider()
  fake.behave({ type: 'refuse', status, body: JSON.stringify(body) }, { type: 'answer', pieces: ['a'] })
  const events = await ask(endpointOf(fake, 'openai-compatible'))
  expect(events[0]).toMatchObject({ type: 'notice', text: expect.stringContaining('does not take seed 7') as string })
  expect(events.at(-1)).toMatchObject({ type: 'end', text: 'a' })
  expect(fake.seen.map(({ body }) => (body as { seed?: number }).seed)).toEqual([7, undefined])
})

test('a model that knows the limit of tokens under its new name is asked again with that, once; the limit stays', async () => {
  const fake = await fakeProvider()
  const endpoint = endpointOf(fake, 'openai-compatible')
  const refuse = (error: object) => ({ type: 'refuse', status: 400, body: JSON.stringify({ error }) }) as const
  const renamed = { message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", type: 'invalid_request_error', param: 'max_tokens', code: 'unsupported_parameter' }
  const limitsOf = () => fake.seen.map(({ body }) => Object.entries(body as object).filter(([key]) => key.startsWith('max_')))
  fake.behave(refuse(renamed), { type: 'answer', pieces: ['a'] })
  const events = await ask(endpoint)
  expect(events[0]).toEqual({ type: 'notice', text: 'Fake does not take max_tokens 64 for this model; asked again with max_completion_tokens' })
  expect(events.at(-1)).toMatchObject({ type: 'end', text: 'a' })
  // The next answer is not asked for twice.
  expect((await ask(endpoint)).at(-1)).toMatchObject({ type: 'end' })
  expect(limitsOf()).toEqual([[['max_tokens', 64]], [['max_completion_tokens', 64]], [['max_completion_tokens', 64]]])
  // Not by the endpoint's other models, nor for a limit that is too high; and a refusal that stays is the end.
  fake.behave(refuse({ message: 'max_tokens is too large: 64. This model supports at most 32 completion tokens.', param: 'max_tokens' }))
  expect(failureOf(await ask(endpoint, { model: 'other' }))).toMatchObject({ code: 'endpoint-refused', found: expect.stringContaining('too large') })
  expect(limitsOf()[3]).toEqual([['max_tokens', 64]])
  fake.behave(refuse(renamed))
  expect(failureOf(await ask(endpoint))).toMatchObject({ code: 'endpoint-refused' })
  expect(fake.seen).toHaveLength(5)
})

test('stop sequences that the model does not take are left out; whoever asked for them cuts at them', async () => {
  const fake = await fakeProvider()
  fake.behave({ type: 'refuse', status: 400, body: JSON.stringify({ error: { message: "Unsupported parameter: 'stop' is not supported with this model.", param: 'stop' } }) }, { type: 'answer', pieces: ['a'] })
  const events = await ask(endpointOf(fake, 'openai-compatible'), { stop: ['Observation:'] })
  expect(events.at(-1)).toMatchObject({ type: 'end', text: 'a' })
  expect(fake.seen.map(({ body }) => (body as { stop?: string[] }).stop)).toEqual([['Observation:'], undefined])
})

test.each(KINDS)('%s: a stream without end is ended with an error, and so is an event without end', async (kind) => {
  const fake = await fakeProvider()
  const limits = { answer: 300_000, event: 50_000, plain: 1000 }
  const piece = 'x'.repeat(5000)
  fake.behave({ type: 'endless', piece, events: 'many' })
  const events = await ask(endpointOf(fake, kind), { limits })
  expect(textsOf(events).length).toBeGreaterThan(20)
  expect(failureOf(events)).toMatchObject({ code: 'endpoint-too-large', found: 'an answer of more than 300000 bytes', where: `Fake (${fake.baseUrl})` })
  fake.behave({ type: 'endless', piece, events: 'one' })
  expect(failureOf(await ask(endpointOf(fake, kind), { limits }))).toMatchObject({ code: 'endpoint-too-large', found: 'an event of more than 50000 bytes' })
  fake.behave({ type: 'refuse', status: 400, body: 'y'.repeat(2000) })
  expect(failureOf(await ask(endpointOf(fake, kind), { limits }))).toMatchObject({ code: 'endpoint-too-large' })
  await until(() => fake.closed() >= 2)
})

test('the library above prints nothing and knows no other address', async () => {
  const fake = await fakeProvider()
  fake.behave({ type: 'answer', pieces: ['a'] })
  const addresses: string[] = []
  const real = globalThis.fetch
  globalThis.fetch = (input, init) => {
    addresses.push(new URL(input instanceof Request ? input.url : input).origin)
    return real(input, init)
  }
  const written: unknown[] = []
  const kept = { warn: console.warn, error: console.error, log: console.log, info: console.info }
  for (const name of ['warn', 'error', 'log', 'info'] as const) console[name] = (...words) => void written.push(words)
  onTestFinished(() => {
    globalThis.fetch = real
    Object.assign(console, kept)
  })
  // Temperature and top-p together, a seed: all that this protocol warns about.
  await ask(endpointOf(fake, 'anthropic'), { sampling: { ...SAMPLING, temperature: 2 } })
  await ask(endpointOf(fake, 'openai-compatible'))
  expect(new Set(addresses)).toEqual(new Set([new URL(fake.baseUrl).origin]))
  expect(written).toEqual([])
})

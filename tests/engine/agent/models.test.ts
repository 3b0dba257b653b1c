// Chat models of the loop: a student through llama.cpp, endpoints of both protocols.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calculatorKit, type ChatModel, type CompletionOptions, createToolbox, foldEpisode, type ModelEvent, openingTurns, runAgent, STYLES } from '../../../src/core/agent/index.ts'
import { renderConversation } from '../../../src/core/pipeline/training/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { endpointModel } from '../../../src/engine/agent/endpointModel.ts'
import { localModel } from '../../../src/engine/agent/localModel.ts'
import { type Chat, openChat, openContinuer, openStudent, type Student } from '../../../src/engine/llama/index.ts'
import type { Endpoint } from '../../../src/engine/providers/index.ts'
import type { AgentEvent } from '../../../src/shared/records/episode.ts'
import type { Turn } from '../../../src/shared/records/trajectory.ts'
import { LIMITS, ofType } from '../../support/episodes.ts'
import { type FakeProvider, fakeProvider } from '../../support/fakeProvider.ts'
import { goldenPath } from '../../support/golden.ts'
import { agent, environment, user } from '../../support/turns.ts'

const OPTIONS: CompletionOptions = {
  tools: [], stop: [], maxTokens: 12, temperature: 0, topP: 1, seed: 1, signal: new AbortController().signal,
}

async function collect(model: ChatModel, turns: readonly Turn[], options: Partial<CompletionOptions> = {}): Promise<{ text: string; last: ModelEvent }> {
  const events: ModelEvent[] = []
  for await (const event of model.complete(turns, { ...OPTIONS, ...options })) events.push(event)
  return { text: events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join(''), last: events.at(-1)! }
}

describe('a student', () => {
  let student: Student
  let chat: Chat
  beforeAll(async () => {
    student = await openStudent({ path: goldenPath('tiny/llama_tied.gguf'), weights: 'loaded' })
    chat = await openChat({ student, context: 128 })
  })
  afterAll(async () => {
    await chat.dispose()
    await student.dispose()
  })
  const turns = [user('the cat is on the mat')]

  test('is fed what training renders, and ends before a stop sequence with its count of tokens', async () => {
    const model = localModel({ chat, student, adapter: null })
    const whole = await collect(model, turns)
    const { ids } = renderConversation({ turns, tools: [], template: student.template, tokenizer: student.tokenizer, generationPrompt: true })
    expect(whole.last).toMatchObject({ type: 'end', reason: 'length', tokens: 12, promptTokens: ids.length })
    const from = whole.text.length >> 1
    const stop = whole.text.slice(from, from + 3)
    const cut = await collect(model, turns, { stop: [stop] })
    expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)))
    expect(cut.last).toMatchObject({ type: 'end', reason: 'stop', cut: stop })
    expect((cut.last as { tokens: number }).tokens).toBeLessThan(12)
    // What it wrote behind the cut is not in the next prompt.
    expect(await collect(model, turns)).toEqual(whole)
  })

  test('goes on with a turn that has begun: its tokens follow the prompt, and what is written is the rest', async () => {
    const model = localModel({ chat, student, adapter: null })
    expect(model.prefixes).toBe('continued')
    const prefix = 'the mat is'
    const { ids } = renderConversation({ turns, tools: [], template: student.template, tokenizer: student.tokenizer, generationPrompt: true })
    const opened = [...ids, ...student.tokenizer.encode(prefix)]
    const continuer = await openContinuer({ student, context: 128 })
    const direct = await continuer.continue(opened, { maxTokens: 12, proceed: async () => 'go' })
    await continuer.dispose()
    const { text, last } = await collect(model, turns, { prefix })
    expect(text).toBe(direct!.text)
    expect(last).toMatchObject({ type: 'end', tokens: 12, promptTokens: opened.length })
    expect((await collect(model, turns)).text).not.toBe(text)
  })

  test('says that the context is full', async () => {
    const { last } = await collect(localModel({ chat, student, adapter: null }), [user('cat '.repeat(200))])
    expect(last).toMatchObject({ type: 'failed', error: { code: 'context-full' } })
  })
})

const endpointOf = (fake: FakeProvider, kind: Endpoint['kind']): Endpoint => ({ id: 'fake', name: 'Fake', kind, baseUrl: fake.baseUrl, models: [], key: 'sk-planted' })
const sse = (...events: unknown[]): string => events.map((event) => `${named(event)}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
const named = (event: unknown): string => (typeof event === 'object' && event !== null && 'type' in event ? `event: ${String(event.type)}\n` : '')
const chunk = (delta: unknown, finish: string | null = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })
const OPENAI_CALL = sse(
  chunk({ role: 'assistant', content: 'So.' }),
  chunk({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'calc', arguments: '{"expression":' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: ' "2*21"}' } }] }),
  chunk({}, 'tool_calls'),
  '[DONE]',
)
const ANTHROPIC_CALL = sse(
  { type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'So.' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'call_a', name: 'calc', input: {} } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"expression": "2*21"}' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
)

describe.each([['openai-compatible', OPENAI_CALL], ['anthropic', ANTHROPIC_CALL]] as const)('an endpoint, %s', (kind, call) => {
  test('native calls go out and come back structured', async () => {
    const fake = await fakeProvider()
    fake.behave({ type: 'raw', body: call }, { type: 'answer', pieces: ['It is', ' 42.'] })
    const events: AgentEvent[] = []
    const run = runAgent({
      model: endpointModel({ endpoint: endpointOf(fake, kind), model: 'm' }),
      style: STYLES.native,
      toolbox: createToolbox([calculatorKit()], systemClock),
      turns: openingTurns({ system: '', question: '2*21?' }),
      sampling: { temperature: 0, topP: 1, seed: 1 },
      limits: LIMITS,
      clock: systemClock,
      signal: new AbortController().signal,
    })
    for await (const event of run) events.push(event)
    expect(ofType(events, 'end')[0]).toMatchObject({ reason: 'answer', answer: 'It is 42.', calls: 1 })
    expect(foldEpisode(events).turns.map(({ role, text }) => [role, text])).toEqual([
      ['user', '2*21?'],
      ['agent', 'So.\n\n```json\n{"name": "calc", "arguments": {"expression":"2*21"}}\n```'],
      ['environment', '42'],
      ['agent', 'It is 42.'],
    ])
    const [first, second] = fake.seen.map(({ body }) => JSON.stringify(body))
    expect(first).toContain('"expression"')
    const parts = kind === 'anthropic'
      ? ['"type":"tool_use","id":"call_a","name":"calc","input":{"expression":"2*21"}', '"type":"tool_result","tool_use_id":"call_a","content":"42"', '"text":"So."']
      : ['"tool_calls":[{"id":"call_a","type":"function","function":{"name":"calc","arguments":"{\\"expression\\":\\"2*21\\"}"}}]', '"role":"tool","tool_call_id":"call_a","content":"42"', '"content":"So."']
    for (const part of parts) expect(second).toContain(part)
  })

  test('text lines go as text, with the stop sequences', async () => {
    const fake = await fakeProvider()
    fake.behave({ type: 'answer', pieces: ['Action: finish[1]'] })
    const turns = [user('q'), agent('Thought: a\nAction: calc[1]'), environment('Observation: 1')]
    const { text, last } = await collect(endpointModel({ endpoint: endpointOf(fake, kind), model: 'm' }), turns, { stop: ['\nObservation'] })
    expect(text).toBe('Action: finish[1]')
    expect(last).toMatchObject({ type: 'end', reason: 'stop', tokens: 1 })
    const body = fake.seen[0]!.body as Record<string, unknown>
    expect(body[kind === 'anthropic' ? 'stop_sequences' : 'stop']).toEqual(['\nObservation'])
    expect(JSON.stringify(body)).not.toContain('tool')
    expect((body['messages'] as { role: string }[]).map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  })

  test('a refusal is a failure', async () => {
    const fake = await fakeProvider()
    fake.behave({ type: 'refuse', status: 401, body: '{"error":{"message":"no"}}' })
    const { last } = await collect(endpointModel({ endpoint: endpointOf(fake, kind), model: 'm' }), [user('q')])
    expect(last.type).toBe('failed')
    expect(JSON.stringify(last)).not.toContain('sk-planted')
  })
})

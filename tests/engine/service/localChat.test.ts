// Local voices through the service: events, sharing, the queue, stopping, what fails, what is released.
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { copyFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { renderConversation } from '../../../src/core/pipeline/training/index.ts'
import { createVoices } from '../../../src/engine/chat/index.ts'
import { openStudent } from '../../../src/engine/llama/index.ts'
import { portWire, serveWires } from '../../../src/engine/service/index.ts'
import type { ChatEvent, Sampling, Voice } from '../../../src/shared/contract/routes/chat.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'
import { testService } from '../../support/testService.ts'
import { agent, user } from '../../support/turns.ts'

type Local = Voice & { type: 'local' }
const TINY = goldenPath('tiny/llama_tied.gguf')
const ADAPTER = goldenPath('tiny/llama_tied.adapter.gguf')
const GREEDY: Sampling = { temperature: 0, topP: 1, seed: 1, maxTokens: 12 }
const voice = (change: Partial<Local> = {}): Local => ({ type: 'local', student: TINY, adapter: null, context: 256, ...change })
const ask = (text: string) => [{ role: 'user' as const, text }]
const QUESTION = ask('the cat is on the mat')
const TURNS = [user('the cat is on the mat')]
const SLOW = { ...GREEDY, maxTokens: 200 }

type Client = ReturnType<typeof testService>['client']
type Asked = { voice?: Local; messages?: Parameters<Client['chat']['generate']>[0]['messages']; sampling?: Sampling; signal?: AbortSignal }

async function collect(client: Client, { signal, ...question }: Asked = {}): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  const input = { voice: voice(), messages: QUESTION, sampling: GREEDY, ...question }
  for await (const event of await client.chat.generate(input, signal ? { signal } : {})) events.push(event)
  return events
}
const endOf = (events: ChatEvent[]): ChatEvent & { type: 'end' } => {
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error(`expected an end, found ${JSON.stringify(end)}`)
  return end
}
const failureOf = (events: ChatEvent[]) => {
  const last = events.at(-1)
  if (last?.type !== 'failed') throw new Error(`expected a failure, found ${JSON.stringify(last)}`)
  return last.error
}
const types = (events: ChatEvent[]): string[] => events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1])

describe('an answer', () => {
  test('its events; the prompt is what was trained on; the next turn reuses it', async () => {
    const { client } = testService()
    const events = await collect(client)
    expect(types(events)).toEqual(['loading', 'prompt', 'text', 'end'])
    const student = await openStudent({ path: TINY, weights: 'none' })
    const { template, tokenizer } = student
    const tokens = (turns: Parameters<typeof renderConversation>[0]['turns']): number =>
      renderConversation({ turns, tools: [], template, tokenizer, generationPrompt: true }).ids.length
    const first = tokens([user(QUESTION[0]!.text)])
    expect(events[1]).toEqual({ type: 'prompt', tokens: first, reused: 0, context: 256 })
    const end = endOf(events)
    expect(end).toMatchObject({ reason: 'length', tokens: 12, promptTokens: first, used: first + 12 })
    expect(end.firstTokenSeconds).toBeGreaterThan(0)
    expect(end.tokensPerSecond).toBeGreaterThan(0)
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).toBe(end.text)

    const messages = [...QUESTION, { role: 'assistant' as const, text: 'on the mat' }, ...ask('and the hat?')]
    const next = await collect(client, { messages })
    const second = tokens([user(QUESTION[0]!.text), agent('on the mat'), user('and the hat?')])
    expect(next[0]).toMatchObject({ type: 'prompt', tokens: second })
    expect(next[0]).toHaveProperty('reused', first)
    await student.dispose()
  })

  test('the same seed is the same text; another seed another', async () => {
    const { client } = testService()
    const say = async (seed: number): Promise<string> => endOf(await collect(client, { sampling: { temperature: 1, topP: 0.95, seed, maxTokens: 24 } })).text
    const [one, other, again] = [await say(1), await say(2), await say(1)]
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  test('adapters: off is the plain student, on is another; panes share the weights, contexts are kept apart', async () => {
    const { client } = testService()
    const plain = await collect(client)
    const with0 = await collect(client, { voice: voice({ adapter: { path: ADAPTER, scale: 0 } }) })
    const with1 = await collect(client, { voice: voice({ adapter: { path: ADAPTER, scale: 1 } }) })
    const again = await collect(client)
    expect(endOf(with0).text).toBe(endOf(plain).text)
    expect(endOf(with1).text).not.toBe(endOf(plain).text)
    expect(endOf(again).text).toBe(endOf(plain).text)
    expect([plain, with0, with1, again].map((events) => events.some(({ type }) => type === 'loading'))).toEqual([true, false, false, false])
    const { tokens } = plain.find((event) => event.type === 'prompt') as ChatEvent & { type: 'prompt' }
    expect(with1[0]).toMatchObject({ type: 'prompt', reused: 0 })
    expect(again[0]).toMatchObject({ type: 'prompt', reused: (tokens as number) - 1 })
  })

  test('no context asked for: the own one of the student', async () => {
    const { client } = testService()
    const events = await collect(client, { voice: voice({ context: null }) })
    expect(events.find(({ type }) => type === 'prompt')).toMatchObject({ context: 256 })
  })
})

describe('failures are events', () => {
  test('with parts for the person', async () => {
    const { client } = testService()
    const folder = temporaryFolder()
    const variant = (name: string, change: Parameters<typeof ggufVariant>[1]): string => {
      writeFileSync(join(folder, name), ggufVariant('tiny/llama_tied.gguf', change))
      return join(folder, name)
    }
    const untold = variant('untold.gguf', { metadata: { 'tokenizer.chat_template': null } })
    expect(failureOf(await collect(client, { voice: voice({ student: untold }) }))).toMatchObject({ code: 'no-chat-template', where: untold })
    const broken = variant('broken.gguf', { metadata: { 'llama.block_count': { type: 'u32', value: 3 } } })
    expect(failureOf(await collect(client, { voice: voice({ student: broken }) }))).toMatchObject({ code: 'student-not-loaded', found: 'no tensor of block 2' })
    const none = join(folder, 'none.gguf')
    expect(failureOf(await collect(client, { voice: voice({ student: none }) }))).toMatchObject({ code: 'student-not-found', where: none })
    const full = failureOf(await collect(client, { messages: ask('x'.repeat(400)) }))
    expect(full).toMatchObject({ code: 'context-full', expected: expect.stringContaining('256') as string })
    expect(full.advice).toBeTruthy()
    // The voice still answers.
    expect(endOf(await collect(client)).reason).toBe('length')
  })

  test('an adapter that is missing, is none, or was made for another student', async () => {
    const { client } = testService()
    const failure = async (path: string) => failureOf(await collect(client, { voice: voice({ adapter: { path, scale: 1 } }) }))
    expect(await failure(goldenPath('tiny/none.gguf'))).toMatchObject({ code: 'adapter-not-found' })
    expect(await failure(TINY)).toMatchObject({ code: 'adapter-not-applied', found: 'general.type "model"' })
    expect(await failure(goldenPath('tiny/llama_tied.json'))).toMatchObject({ code: 'adapter-not-applied' })
    expect(await failure(goldenPath('tiny/qwen3.adapter.gguf'))).toMatchObject({ code: 'adapter-not-applied', found: 'an adapter for qwen3' })
    const half = join(temporaryFolder(), 'half.gguf')
    writeFileSync(half, ggufVariant('tiny/llama_tied.adapter.gguf', { without: ['blk.1.ffn_up.weight.lora_a'] }))
    expect(await failure(half)).toMatchObject({ code: 'adapter-not-applied', found: 'only B for blk.1.ffn_up.weight' })
    expect(endOf(await collect(client, { voice: voice({ adapter: { path: ADAPTER, scale: 1 } }) })).reason).toBe('length')
  })
})

describe('one at a time', () => {
  test('the second waits; one that waits can leave; then the third has its turn', async () => {
    const { client } = testService()
    const order: string[] = []
    const run = async (name: string, signal?: AbortSignal): Promise<void> => {
      const input = { voice: voice(), messages: QUESTION, sampling: GREEDY }
      for await (const { type } of await client.chat.generate(input, signal ? { signal } : {})) {
        if (type === 'prompt' || type === 'end') order.push(`${name} ${type}`)
      }
    }
    const leave = new AbortController()
    const all = [run('a'), run('b', leave.signal).catch(() => order.push('b left')), run('c')]
    leave.abort()
    await Promise.all(all)
    expect(order.filter((line) => !line.startsWith('b'))).toEqual(['a prompt', 'a end', 'c prompt', 'c end'])
    expect(order).not.toContain('b prompt')
  })

  test('leaving the stream stops the student at once, and the next can answer', async () => {
    const { client } = testService()
    let seen = 0
    for await (const event of await client.chat.generate({ voice: voice(), messages: QUESTION, sampling: SLOW })) {
      if (event.type === 'text' && ++seen === 2) break
    }
    const fresh = endOf(await collect(testService().client)).text
    expect(endOf(await collect(client)).text).toBe(fresh)

    const stop = new AbortController()
    const voices = createVoices({ threads: () => null })
    const events: ChatEvent[] = []
    for await (const event of voices.answer({ voice: voice(), turns: TURNS, sampling: SLOW }, stop.signal)) {
      events.push(event)
      if (event.type === 'text') stop.abort()
    }
    expect(endOf(events)).toMatchObject({ reason: 'aborted', tokens: 1 })
    await voices.dispose()
  })
})

test('a page that leaves, over a message port, stops the student', async () => {
  const { service } = testService()
  const { voices } = service.world
  /** Pieces that the student wrote in each answer, and whether it was told to stop. */
  const written: { pieces: number; stopped: boolean }[] = []
  const counted: typeof voices.answer = async function* (question, signal) {
    let pieces = 0
    try {
      for await (const event of voices.answer(question, signal)) {
        if (event.type === 'text') pieces += 1
        yield event
      }
    } finally {
      written.push({ pieces, stopped: signal.aborted })
    }
  }
  const { port1, port2 } = new MessageChannel()
  serveWires({ router: service.router, world: { ...service.world, voices: { ...voices, answer: counted } } })(portWire(port1))
  port2.start()
  const client = createORPCClient<Client>(new RPCLink({ port: port2 }))
  const question = { voice: voice(), messages: QUESTION, sampling: SLOW }
  await collect(client, question)
  for await (const event of await client.chat.generate(question)) if (event.type === 'text') break
  for (let tries = 0; tries < 200 && written.length < 2; tries++) await wait(10)
  expect(written).toMatchObject([{ stopped: false }, { stopped: true }])
  expect(written[0]!.pieces).toBeGreaterThan(100)
  expect(written[1]!.pieces).toBeLessThan(written[0]!.pieces / 2)
  port2.close()
})

describe('memory', () => {
  const copies = (count: number): string[] => {
    const folder = temporaryFolder()
    return Array.from({ length: count }, (_, i) => {
      copyFileSync(TINY, join(folder, `${i}.gguf`))
      return join(folder, `${i}.gguf`)
    })
  }
  const loads = async (client: Client, student: string): Promise<boolean> =>
    (await collect(client, { voice: voice({ student }) })).some(({ type }) => type === 'loading')

  test('two students are kept, the one used longest ago goes; a replaced file is loaded anew', async () => {
    const { client } = testService()
    const [a, b, c] = copies(3) as [string, string, string]
    const seen = []
    for (const path of [a, b, a, c, a, b]) seen.push(await loads(client, path))
    expect(seen).toEqual([true, true, false, true, false, true])
    utimesSync(a, new Date(), new Date('2026-01-02T03:04:05Z'))
    expect(await loads(client, a)).toBe(true)
    expect(await loads(client, a)).toBe(false)
  })

  test('released when asked and when idle; the next answer loads again', async () => {
    const { client, service } = testService()
    expect(await loads(client, TINY)).toBe(true)
    await service.world.voices.release()
    expect(await loads(client, TINY)).toBe(true)

    const voices = createVoices({ threads: () => null, idleMs: 30 })
    const says = async (): Promise<string[]> => {
      const events: ChatEvent[] = []
      for await (const event of voices.answer({ voice: voice(), turns: TURNS, sampling: GREEDY }, new AbortController().signal)) events.push(event)
      return types(events)
    }
    expect(await says()).toContain('loading')
    await wait(300)
    expect(await says()).toContain('loading')
    await voices.dispose()
  })

  test('ending the service stops what is being written, and takes nothing more', async () => {
    const { client, dispose } = testService()
    const events: ChatEvent[] = []
    let ended: Promise<void> | undefined
    for await (const event of await client.chat.generate({ voice: voice(), messages: QUESTION, sampling: SLOW })) {
      events.push(event)
      if (event.type === 'text') ended ??= dispose()
    }
    expect(endOf(events)).toMatchObject({ reason: 'aborted' })
    expect(endOf(events).tokens).toBeLessThan(20)
    await ended
    expect(endOf(await collect(client))).toMatchObject({ reason: 'aborted', tokens: 0 })
  })
})

test.skipIf(!haveShared(SMOLLM2) || !haveShared('golden/smollm2/adapter.gguf'))('SmolLM2 with its adapter', async () => {
  const { client } = testService()
  const adapter = { path: sharedPath('golden/smollm2/adapter.gguf'), scale: 1 }
  const smol = voice({ student: sharedPath(SMOLLM2), adapter, context: null })
  const events = await collect(client, { voice: smol, messages: ask('What is the capital of France?'), sampling: { ...GREEDY, maxTokens: 24 } })
  expect(events.find(({ type }) => type === 'prompt')).toMatchObject({ context: 4096 })
  expect(endOf(events)).toMatchObject({ reason: 'stop', text: expect.stringContaining('Paris') as string })
})

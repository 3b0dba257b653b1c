// Chat and scoring with llama.cpp on a tiny random student: events, limits, cache reuse, adapters.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderConversation } from '../../../src/core/pipeline/training/index.ts'
import {
  type Chat,
  type ChatEvent,
  type ChatRequest,
  openChat,
  openScorer,
  openStudent,
  type Student,
} from '../../../src/engine/llama/index.ts'
import type { Turn } from '../../../src/shared/records/trajectory.ts'
import { goldenPath } from '../../support/golden.ts'
import { agent, user } from '../../support/turns.ts'

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const GREEDY = { temperature: 0, topP: 1, seed: 1, maxTokens: 12 }
const QUESTION = [user('the cat is on the mat \u{1f642}')]

async function collect(
  chat: Chat,
  request: Partial<ChatRequest> & { turns: Turn[] },
): Promise<{ events: ChatEvent[]; end: ChatEvent & { type: 'end' } }> {
  const events: ChatEvent[] = []
  for await (const event of chat.generate({ tools: [], sampling: GREEDY, ...request })) events.push(event)
  const end = events.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return { events, end }
}

describe('tiny student', () => {
  let student: Student
  beforeAll(async () => {
    student = await openStudent({ path: goldenPath('tiny/llama_tied.gguf'), weights: 'loaded' })
  })
  afterAll(() => student.dispose())
  const golden = json(goldenPath('tiny/llama_tied.json')) as {
    ids: number[]
    weights: number[]
    loss: number
    lora: { loss: number }
  }
  const weighted = (nll: Float64Array) => {
    const sum = (of: (t: number) => number) => nll.reduce((total, _, t) => total + (t === 0 ? 0 : of(t)), 0)
    return sum((t) => golden.weights[t]! * nll[t]!) / sum((t) => golden.weights[t]!)
  }
  const withScorer = async <T>(
    input: { scale?: number },
    use: (score: Awaited<ReturnType<typeof openScorer>>) => Promise<T>,
  ): Promise<T> => {
    const adapter =
      input.scale === undefined
        ? {}
        : { adapter: { path: goldenPath('tiny/llama_tied.adapter.gguf'), scale: input.scale } }
    const scorer = await openScorer({ student, context: 256, ...adapter })
    return use(scorer).finally(() => scorer.dispose())
  }

  test("losses are PyTorch's, with and without the adapter", async () => {
    const [plain, off, on] = [
      await withScorer({}, (scorer) => scorer.score(golden.ids)),
      await withScorer({ scale: 0 }, (scorer) => scorer.score(golden.ids)),
      await withScorer({ scale: 1 }, (scorer) => scorer.score(golden.ids)),
    ]
    expect(plain[0]).toBe(0)
    expect(weighted(plain)).toBeCloseTo(golden.loss, 3)
    expect(weighted(off)).toBeCloseTo(golden.loss, 3)
    expect(weighted(on)).toBeCloseTo(golden.lora.loss, 3)
  })
  test('only targets are computed; a sequence that is too long and a spent signal are refused', async () => {
    await withScorer({}, async (scorer) => {
      const all = await scorer.score(golden.ids)
      const some = await scorer.score(golden.ids, { targets: new Set([3, 5]) })
      expect([...some]).toEqual([...all].map((value, t) => (t === 3 || t === 5 ? value : 0)))
      await expect(scorer.score(new Array<number>(scorer.context + 1).fill(5))).rejects.toMatchObject({
        code: 'too-long',
      })
      await expect(scorer.score(golden.ids, { signal: AbortSignal.abort() })).rejects.toThrow()
    })
  })

  test('the answer to the trained prompt, piece by piece; its first token is the likeliest', async () => {
    const chat = await openChat({ student, context: 256 })
    const { events, end } = await collect(chat, { turns: QUESTION })
    const { template, tokenizer } = student
    const prompt = renderConversation({ turns: QUESTION, tools: [], template, tokenizer, generationPrompt: true }).ids
    expect(events[0]).toEqual({ type: 'prompt', tokens: prompt.length, reused: 0 })
    expect(end).toMatchObject({ reason: 'length' })
    expect(end.ids).toHaveLength(GREEDY.maxTokens)
    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(end.text)
    expect(end.text).toBe(new TextDecoder().decode(Uint8Array.from(end.ids.flatMap((id) => [...tokenizer.bytes(id)]))))
    expect(end.firstTokenSeconds).toBeGreaterThan(0)
    expect(end.tokensPerSecond).toBeGreaterThan(0)
    await withScorer({}, async (scorer) => {
      let best = { id: -1, nll: Number.POSITIVE_INFINITY }
      for (let id = 0; id < tokenizer.vocabularySize; id++) {
        const nll = (await scorer.score([...prompt, id], { targets: new Set([prompt.length]) }))[prompt.length]!
        if (nll < best.nll) best = { id, nll }
      }
      expect(end.ids[0]).toBe(best.id)
    })
    await chat.dispose()
  })
  test('the next turn reuses what is in the cache and says what a fresh chat says', async () => {
    const [kept, fresh] = [await openChat({ student, context: 256 }), await openChat({ student, context: 256 })]
    await collect(kept, { turns: QUESTION })
    const turns = [...QUESTION, agent('on the mat'), user('and the hat?')]
    const again = await collect(kept, { turns })
    const anew = await collect(fresh, { turns })
    const { template, tokenizer } = student
    const fed = renderConversation({ turns: QUESTION, tools: [], template, tokenizer, generationPrompt: true }).ids
      .length
    const [first] = again.events
    expect(first?.type === 'prompt' && first.reused).toBeGreaterThanOrEqual(fed)
    expect(anew.events[0]).toMatchObject({ reused: 0 })
    expect(again.end.ids).toEqual(anew.end.ids)
    await Promise.all([kept.dispose(), fresh.dispose()])
  })
  test('the seed decides', async () => {
    const chat = await openChat({ student, context: 256 })
    const sampling = { temperature: 1, topP: 0.95, maxTokens: 12 }
    const say = async (seed: number) =>
      (await collect(chat, { turns: QUESTION, sampling: { ...sampling, seed } })).end.ids
    const [one, other, oneAgain] = [await say(1), await say(2), await say(1)]
    expect(oneAgain).toEqual(one)
    expect(other).not.toEqual(one)
    await chat.dispose()
  })
  test('ends: by the caller, by the loop, for want of room; a prompt that does not fit is refused', async () => {
    const chat = await openChat({ student, context: 256 })
    const stop = new AbortController()
    const seen: ChatEvent[] = []
    for await (const event of chat.generate({
      turns: QUESTION,
      tools: [],
      sampling: { ...GREEDY, maxTokens: 200 },
      signal: stop.signal,
    })) {
      seen.push(event)
      if (event.type === 'text') stop.abort()
    }
    expect(seen.at(-1)).toMatchObject({ type: 'end', reason: 'aborted' })
    for await (const event of chat.generate({ turns: QUESTION, tools: [], sampling: GREEDY }))
      if (event.type === 'text') break
    expect((await collect(chat, { turns: QUESTION })).end.reason).toBe('length')
    const full = await collect(chat, { turns: QUESTION, sampling: { ...GREEDY, maxTokens: 10_000 } })
    expect(full.end.reason).toBe('context')
    expect(full.events[0]).toMatchObject({ tokens: chat.context - full.end.ids.length })
    await expect(collect(chat, { turns: [user('x'.repeat(400))] })).rejects.toMatchObject({ code: 'context-full' })
    await chat.dispose()
  })
  test('an adapter that is not there', async () => {
    const adapter = { path: goldenPath('tiny/none.gguf'), scale: 1 }
    await expect(openChat({ student, context: 64, adapter })).rejects.toMatchObject({
      code: 'adapter-not-found',
      where: adapter.path,
    })
    const wrong = { path: goldenPath('tiny/qwen3.adapter.gguf'), scale: 1 }
    await expect(openChat({ student, context: 64, adapter: wrong })).rejects.toMatchObject({
      code: 'adapter-not-applied',
    })
  })
})

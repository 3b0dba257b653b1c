// Many answers of one student: the same as alone, with what prompts have in common evaluated once.
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChatEvent, type ChatPool, openChat, openChatPool, openStudent, type Student } from '../../../src/engine/llama/index.ts'
import { llamaRuntime } from '../../../src/engine/llama/runtime.ts'
import { goldenPath } from '../../support/golden.ts'
import { user } from '../../support/turns.ts'

const SYSTEM = 'the cat sat on the mat and the dog lay on the rug, and both of them slept until the sun went down'
const questions = ['the cat', 'a dog on the mat', 'what is it', 'the sun and the moon', 'and then', 'the rug is red', 'no', 'the cat is here']
const turnsOf = (question: string) => [user(`${SYSTEM}. ${question}`)]
const GREEDY = { temperature: 0, topP: 1, seed: 1, maxTokens: 12 }

let student: Student
beforeAll(async () => {
  student = await openStudent({ path: goldenPath('tiny/llama_tied.gguf'), weights: 'loaded' })
})
afterAll(() => student.dispose())

async function answer(chat: Pick<ChatPool, 'generate'>, question: string, sampling = GREEDY): Promise<{ ids: readonly number[]; prompt: ChatEvent & { type: 'prompt' } }> {
  let prompt: (ChatEvent & { type: 'prompt' }) | null = null
  for await (const event of chat.generate({ turns: turnsOf(question), tools: [], sampling })) {
    if (event.type === 'prompt') prompt = event
    if (event.type === 'end') return { ids: event.ids, prompt: prompt! }
  }
  throw new Error('no end')
}

test('eight at a time write what each writes alone, in whatever order they find a seat', async () => {
  const chat = await openChat({ student, context: 512 })
  const alone: (readonly number[])[] = []
  for (const question of questions) alone.push((await answer(chat, question)).ids)
  await chat.dispose()
  const pool = await openChatPool({ student, context: 512, contexts: 2, sequences: 3 })
  try {
    expect(pool.parallel).toBe(6)
    const together = await Promise.all(questions.map((question) => answer(pool, question)))
    expect(together.map(({ ids }) => ids)).toEqual(alone)
    const again = await Promise.all(questions.toReversed().map((question) => answer(pool, question)))
    expect(again.map(({ ids }) => ids).toReversed()).toEqual(alone)
  } finally {
    await pool.dispose()
  }
})

test('contexts of a pool do not wait for each other\'s threads', async () => {
  const { maxThreads } = await llamaRuntime()
  const pool = await openChatPool({ student, context: 512, contexts: 2, sequences: 1, threads: Math.max(1, Math.floor(availableParallelism() / 2)) })
  try {
    expect(maxThreads).toBe(availableParallelism())
    expect((await Promise.all(questions.slice(0, 2).map((question) => answer(pool, question)))).map(({ ids }) => ids.length)).toEqual([12, 12])
  } finally {
    await pool.dispose()
  }
})

test('a beginning that prompts have in common is evaluated once, also by answers that begin together', async () => {
  const pool = await openChatPool({ student, context: 512, contexts: 1, sequences: 4 })
  try {
    const answers = await Promise.all(questions.map((question) => answer(pool, question)))
    const tokens = answers.map(({ prompt }) => prompt.tokens)
    const shortest = Math.min(...tokens)
    const { evaluated, shared, prompts } = pool.counts()
    expect(prompts).toBe(questions.length)
    expect(evaluated + shared).toBe(tokens.reduce((sum, count) => sum + count, 0))
    // One prompt whole; of each other one no more than what is its own, which is less than half of it.
    expect(evaluated).toBeLessThan(shortest + (questions.length - 1) * (shortest / 2))
  } finally {
    await pool.dispose()
  }
})

test('samples of one prompt evaluate it once: of the others only the last token', async () => {
  const pool = await openChatPool({ student, context: 512, contexts: 1, sequences: 6 })
  try {
    const samples = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => answer(pool, 'what is it', { ...GREEDY, temperature: 0.9, seed })))
    const { tokens } = samples[0]!.prompt
    expect(pool.counts().evaluated).toBe(tokens + 5)
    expect(new Set(samples.map(({ ids }) => ids.join(' '))).size).toBeGreaterThan(1)
    // What was sampled follows from the seed alone.
    const again = await answer(pool, 'what is it', { ...GREEDY, temperature: 0.9, seed: 3 })
    expect(again.ids).toEqual(samples[2]!.ids)
  } finally {
    await pool.dispose()
  }
})

test('an answer that is left makes room for those that wait', async () => {
  const pool = await openChatPool({ student, context: 512, contexts: 1, sequences: 1 })
  try {
    const left = pool.generate({ turns: turnsOf('the cat'), tools: [], sampling: GREEDY })
    await left.next()
    const waiting = answer(pool, 'no')
    await left.return()
    expect((await waiting).ids.length).toBeGreaterThan(0)
  } finally {
    await pool.dispose()
  }
})

// A conversation's steps: asked, answered side by side, continued, changed.
import { describe, expect, test } from 'vitest'
import type { Answer, ChatEvent, Conversation, Voice } from '../../../src/shared/contract/routes/chat.ts'
import { conversationSchema } from '../../../src/shared/contract/routes/chat.ts'
import {
  afterEvent, beginAnswer, DEFAULT_SAMPLING, messagesFor, newConversation, usedContext, withAnswer, withPane, withQuestion,
} from '../../../src/renderer/chat/conversation.ts'
import { adapterName, firstVoices, voiceChoices, voiceName } from '../../../src/renderer/chat/voices.ts'
import type { AdapterFile, Model } from '../../../src/shared/contract/routes/models.ts'

const voice: Voice = { type: 'local', student: '/models/tiny.gguf', adapter: null, context: null }
const end = (text: string, used = 12): Extract<ChatEvent, { type: 'end' }> => ({
  type: 'end', reason: 'stop', text, tokens: 3, promptTokens: 9, firstTokenSeconds: 0.1, tokensPerSecond: 20, used,
})
const said = (text: string): Answer => ({ text, voice, sampling: DEFAULT_SAMPLING, end: end(text), error: null, episode: null })
const empty = (): Conversation => withPane(newConversation('one', '2026-01-01T00:00:00.000Z', null), 0, { voice })

describe('a conversation', () => {
  test('begins with the panes of the one before, and fits the contract', () => {
    const next = newConversation('two', '2026-01-02T00:00:00.000Z', { ...empty(), system: 'be short' })
    expect(next.panes[0].voice).toEqual(voice)
    expect(next.system).toBe('be short')
    expect(conversationSchema.safeParse(next).success).toBe(true)
  })

  test('takes its title from the first question, shortened', () => {
    const asked = withQuestion(empty(), 0, `${'word '.repeat(30)}\nsecond line`)
    expect(asked.title.length).toBeLessThanOrEqual(60)
    expect(asked.title.endsWith('…')).toBe(true)
    expect(withQuestion(asked, 1, 'another').title).toBe(asked.title)
  })

  test('a changed question replaces what came after it', () => {
    let now = withQuestion(empty(), 0, 'a')
    now = withQuestion(withAnswer(now, { exchange: 0, side: 0 }, said('A')), 1, 'b')
    now = withQuestion(now, 0, 'c')
    expect(now.exchanges).toEqual([{ question: 'c', answers: [null, null] }])
  })

  test('each side is told its own answers; what it did not answer is left out with its question', () => {
    let now = { ...withQuestion(empty(), 0, 'a'), system: 'be short' }
    now = withAnswer(now, { exchange: 0, side: 0 }, said('left A'))
    now = withQuestion(now, 1, 'b')
    now = withAnswer(now, { exchange: 1, side: 0 }, said('left B'))
    now = withAnswer(now, { exchange: 1, side: 1 }, said('right B'))
    now = withQuestion(now, 2, 'c')
    expect(messagesFor(now, { exchange: 2, side: 0 }).map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'system: be short', 'user: a', 'assistant: left A', 'user: b', 'assistant: left B', 'user: c',
    ])
    expect(messagesFor(now, { exchange: 2, side: 1 }).map(({ text }) => text)).toEqual(['be short', 'b', 'right B', 'c'])
  })

  test('the context in use is that of the newest answer that was measured', () => {
    let now = withAnswer(withQuestion(empty(), 0, 'a'), { exchange: 0, side: 0 }, { ...said('A'), end: end('A', 40) })
    now = withAnswer(withQuestion(now, 1, 'b'), { exchange: 1, side: 0 }, { ...said(''), end: null })
    expect([usedContext(now, 0), usedContext(now, 1)]).toEqual([40, null])
  })
})

test('an answer grows with its events, and its end has the last word', () => {
  const events: ChatEvent[] = [
    { type: 'loading' },
    { type: 'prompt', tokens: 9, reused: 2, context: 4096 },
    { type: 'text', text: 'Par' },
    { type: 'notice', text: 'it takes no seed' },
    { type: 'text', text: 'is' },
  ]
  const begun = beginAnswer(voice, DEFAULT_SAMPLING)
  const steps = events.map((_, count) => events.slice(0, count + 1).reduce(afterEvent, begun))
  expect(steps.map(({ progress }) => progress.type)).toEqual(['loading', 'reading', 'writing', 'writing', 'writing'])
  expect(steps.at(-1)).toMatchObject({ answer: { text: 'Paris', end: null }, context: 4096, notices: ['it takes no seed'] })
  expect(afterEvent(steps.at(-1)!, end('Paris.')).answer).toMatchObject({ text: 'Paris.', end: { tokens: 3 } })
  expect(afterEvent(begun, { type: 'failed', error: { code: 'x', message: 'y' } }).answer.error?.code).toBe('x')
})

describe('voices', () => {
  const model = (more: Partial<Model>): Model => ({
    path: '/m/a.gguf', name: 'A', bytes: 1, origin: 'folder', architecture: 'llama', parameters: 1, quantisation: 'F32', layers: 1, width: 1,
    vocabulary: 1, context: 1, chatTemplate: true, licence: null, notTrainable: null, broken: null, ...more,
  })
  const adapter = (path: string, run: string | null): AdapterFile => ({
    path, name: path, bytes: 1, project: null, run, rank: 8, alpha: 16, architecture: 'llama', studentSha256: null, steps: 1, createdAt: null, broken: null,
  })
  test('only students that can chat are offered, and an endpoint once a model', () => {
    const providers = [
      { id: 'p', name: 'P', kind: 'anthropic' as const, baseUrl: 'https://p.test', models: ['m1', 'm2'], keySource: 'none' as const, environmentVariable: 'RETORT_KEY_P' },
    ]
    const choices = voiceChoices([model({}), model({ path: '/m/b.gguf', chatTemplate: false }), model({ path: '/m/c.gguf', broken: 'no GGUF' })], providers)
    expect(choices.map(({ label }) => label)).toEqual(['a', 'P: m1', 'P: m2'])
  })
  test('the first two are the student with its newest adapter, and plain', () => {
    const [left, right] = firstVoices('/m/a.gguf', [adapter('/x/added.gguf', null), adapter('/p/runs/r1/adapter.gguf', 'r1')])
    expect(left).toMatchObject({ adapter: { path: '/p/runs/r1/adapter.gguf', scale: 1 } })
    expect(right).toMatchObject({ adapter: null })
    expect(voiceName(left, [])).toBe('a + r1')
    expect(adapterName('C:\\p\\runs\\r1\\adapter.gguf')).toBe('r1')
  })
})

// An agent's answer in the chat: its log as it grows, what the next question is asked with, what is shown.
import { expect, test } from 'vitest'
import { afterLogged, DEFAULT_AGENT, endingOf, shownTurns, takenBy, turnsFor } from '../../../src/renderer/chat/agentAnswer.ts'
import { beginAnswer, DEFAULT_SAMPLING, newConversation, waitsFor, withAnswer, withQuestion, type Asked, type Writing } from '../../../src/renderer/chat/conversation.ts'
import { conversationSchema, type Logged, type Voice } from '../../../src/shared/contract/routes/chat.ts'
import type { AgentEvent } from '../../../src/shared/records/episode.ts'
import type { Span } from '../../../src/shared/records/span.ts'
import { agent, environment } from '../../support/turns.ts'

const voice: Voice = { type: 'local', student: 's.gguf', adapter: null, context: null }
const span = (kind: Span['kind'], start: number, end: number): Span => ({ kind, start, end, rule: 'thought' })
const logged = (event: AgentEvent, spans: Span[] | null = null): Logged => ({ event, spans })
const CALL = 'Thought: Add.\nAction: calc[2+3]'
const LOG: Logged[] = [
  logged({ type: 'step', step: 0 }),
  logged({ type: 'text', text: 'Thought: ' }),
  logged({ type: 'text', text: 'Add.' }),
  logged({ type: 'agent', step: 0, turn: agent(CALL), end: 'stop', stop: null, tokens: 9, promptTokens: 3, seconds: 1 }, [span('reason', 0, 14), span('act', 14, CALL.length)]),
  logged({ type: 'call', step: 0, call: 0, name: 'calc', arguments: '{"expression":"2+3"}' }),
  logged(
    {
      type: 'observation', step: 0, call: 0, name: 'calc', arguments: '{"expression":"2+3"}', status: 'ok', text: '5', omitted: 0, value: null, ends: null,
      turn: environment('Observation: 5'), seconds: 0,
    },
    [span('observe', 0, 14)],
  ),
  logged({ type: 'agent', step: 1, turn: agent('Action: finish[5]'), end: 'stop', stop: null, tokens: 4, promptTokens: 20, seconds: 1 }, [span('final', 0, 17)]),
  logged({ type: 'end', reason: 'answer', answer: '5', error: null, steps: 2, calls: 1, tokens: 13, seconds: 2.5 }),
]
const after = (count: number): Writing => LOG.slice(0, count).reduce(afterLogged, beginAnswer(voice, DEFAULT_SAMPLING))

test('a turn comes piece by piece, then whole with its spans', () => {
  expect(after(3)).toMatchObject({ partial: 'Thought: Add.', answer: { text: '' } })
  expect(after(4).partial).toBe('')
  expect(shownTurns(after(6).answer.episode!)).toMatchObject([
    { role: 'agent', text: CALL, spans: [{ kind: 'reason' }, { kind: 'act' }] },
    { role: 'environment', text: 'Observation: 5', note: 'calc {"expression":"2+3"}', failed: false },
  ])
  expect(endingOf(after(7).answer.episode!)).toBeNull()
})

test('what is kept is whole, fits the contract, and is what the next question is asked with', () => {
  const { answer } = after(LOG.length)
  expect(answer).toMatchObject({ text: '5', end: { reason: 'stop', tokens: 13 }, error: null })
  expect(answer.episode!.map(({ event }) => event.type)).not.toContain('text')
  let now = withAnswer(withQuestion(newConversation('one', '2026-01-01T00:00:00.000Z', null), 0, '2+3?'), { exchange: 0, side: 0 }, answer)
  now = { ...withQuestion(now, 1, 'and twice that?'), panes: [{ ...now.panes[0], agent: DEFAULT_AGENT }, now.panes[1]] }
  expect(conversationSchema.safeParse(now).success).toBe(true)
  expect(turnsFor(now, { exchange: 1, side: 0 }).map(({ role, text }) => `${role}: ${text}`)).toEqual([
    'user: 2+3?', `agent: ${CALL}`, 'environment: Observation: 5', 'agent: Action: finish[5]', 'user: and twice that?',
  ])
  expect(turnsFor(now, { exchange: 1, side: 1 })).toHaveLength(1)
})

test('an episode that stopped behind an observation is not told again', () => {
  const { answer } = after(6)
  let now = withAnswer(withQuestion(newConversation('one', '2026-01-01T00:00:00.000Z', null), 0, 'a'), { exchange: 0, side: 0 }, answer)
  now = { ...withQuestion(now, 1, 'b'), system: 'Be short.' }
  expect(turnsFor(now, { exchange: 1, side: 0 }).map(({ text }) => text)).toEqual(['Be short.', 'b'])
})

test('calls that failed or could not be read are marked, and how an episode ended is told', () => {
  const unread = logged(
    { type: 'observation', step: 0, call: null, name: null, arguments: null, status: 'not-parsed', text: 'x', omitted: 0, value: null, ends: null, turn: environment('x'), seconds: 0 },
    [span('observe', 0, 1)],
  )
  expect(shownTurns([unread])).toMatchObject([{ note: null, failed: true }])
  const ended = afterLogged(after(6), logged({ type: 'end', reason: 'steps', answer: null, error: null, steps: 1, calls: 1, tokens: null, seconds: 1 }))
  expect(ended.answer).toMatchObject({ text: '', end: { reason: 'length', tokens: null } })
  expect(endingOf(ended.answer.episode!)?.reason).toBe('steps')
})

test('a side says what it waits for: the other, its first words, a tool', () => {
  const asked = (count: number, since: number): Asked => ({ ...after(count), exchange: 0, since })
  expect([1, 2, 4, 5, 7].map((count) => after(count).progress.type)).toEqual(['waiting', 'writing', 'writing', 'calling', 'writing'])
  expect([waitsFor(asked(1, 2), asked(1, 1)), waitsFor(asked(1, 1), asked(1, 2)), waitsFor(asked(1, 2), asked(2, 1))]).toEqual([true, false, true])
  // While a tool of the other side is at work the student is free.
  expect([waitsFor(asked(1, 2), asked(5, 1)), waitsFor(asked(2, 2), asked(2, 1)), waitsFor(asked(1, 1), undefined)]).toEqual([false, false, false])
  const remote: Voice = { type: 'provider', provider: 'p', model: 'm' }
  expect(waitsFor(asked(1, 2), { ...beginAnswer(remote, DEFAULT_SAMPLING), exchange: 0, since: 1 })).toBe(false)
})

test('an episode that was cut off is counted as far as it came', () => {
  expect(takenBy(after(6).answer.episode!)).toEqual({ steps: 1, calls: 1, tokens: 9, seconds: null })
  expect(takenBy(after(1).answer.episode!)).toMatchObject({ steps: 0, calls: 0, tokens: null })
  expect(takenBy(after(LOG.length).answer.episode!)).toMatchObject({ steps: 2, tokens: 13, seconds: 2.5 })
})

// A conversation as it changes: pure steps from one to the next.
import type { Answer, ChatEvent, ChatMessage, Conversation, Sampling, Voice } from '../../shared/contract/routes/chat.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'

export type Side = 0 | 1
export const SIDES: readonly Side[] = [0, 1]

export const DEFAULT_SAMPLING: Sampling = { temperature: 0, topP: 1, seed: 1, maxTokens: 512 }

export function newConversation(id: string, now: string, before: Conversation | null): Conversation {
  const fresh = { voice: null, sampling: DEFAULT_SAMPLING, agent: null }
  return { id, title: '', createdAt: now, updatedAt: now, system: before?.system ?? '', panes: before?.panes ?? [fresh, fresh], exchanges: [] }
}

const pairWith = <Item>(pair: [Item, Item], side: Side, item: Item): [Item, Item] => (side === 0 ? [item, pair[1]] : [pair[0], item])

export const withPane = (conversation: Conversation, side: Side, change: Partial<Conversation['panes'][0]>): Conversation => ({
  ...conversation,
  panes: pairWith(conversation.panes, side, { ...conversation.panes[side], ...change }),
})

/** A question after the exchanges before `at`; those from there on are replaced. */
export const withQuestion = (conversation: Conversation, at: number, question: string): Conversation => ({
  ...conversation,
  title: conversation.title || titleOf(question),
  exchanges: [...conversation.exchanges.slice(0, at), { question, answers: [null, null] }],
})

export function withAnswer(conversation: Conversation, place: { exchange: number; side: Side }, answer: Answer | null): Conversation {
  const exchanges = conversation.exchanges.map((exchange, index) =>
    index === place.exchange ? { ...exchange, answers: pairWith(exchange.answers, place.side, answer) } : exchange,
  )
  return { ...conversation, exchanges }
}

const TITLE_LENGTH = 60

function titleOf(question: string): string {
  const [line = ''] = question.trim().split('\n', 1)
  return line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH - 1)}…`
}

/**
 * What a side is asked: the system message, the exchanges it has answered, and the question. An exchange that it did not
 * answer (another voice was not there yet, or failed) is left out as a whole, since roles have to alternate.
 */
export function messagesFor({ system, exchanges }: Conversation, place: { exchange: number; side: Side }): ChatMessage[] {
  const before = exchanges.slice(0, place.exchange).flatMap(({ question, answers }): ChatMessage[] => {
    const text = answers[place.side]?.text ?? ''
    return text === '' ? [] : [{ role: 'user', text: question }, { role: 'assistant', text }]
  })
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system' as const, text: system }]),
    ...before,
    { role: 'user', text: exchanges[place.exchange]!.question },
  ]
}

/** Where an answer stands that is being written. */
export type Progress =
  | { readonly type: 'waiting' }
  | { readonly type: 'loading' }
  | { readonly type: 'reading'; readonly tokens: number | null; readonly reused: number; readonly context: number | null }
  | { readonly type: 'writing' }
  /** A tool is at work. */
  | { readonly type: 'calling'; readonly name: string }

export type Writing = {
  readonly answer: Answer
  readonly progress: Progress
  readonly context: number | null
  /** What an endpoint does not do as asked. */
  readonly notices: readonly string[]
  /** An agent's turn that is being written. */
  readonly partial: string
}

/** An answer to an exchange; `since`: which of all waits its last one was, counted from 1. */
export type Asked = Writing & { readonly exchange: number; readonly since: number }

const HAS_THE_STUDENT: readonly Progress['type'][] = ['loading', 'reading', 'writing']

/** True while a side waits for the other: students of this machine write one after the other, in the order in which they were asked. */
export function waitsFor(one: Asked, other: Asked | undefined): boolean {
  if (one.progress.type !== 'waiting' || !other || one.answer.voice.type !== 'local' || other.answer.voice.type !== 'local') return false
  return other.progress.type === 'waiting' ? other.since < one.since : HAS_THE_STUDENT.includes(other.progress.type)
}

export const beginAnswer = (voice: Voice, sampling: Sampling): Writing => ({
  answer: { text: '', voice, sampling, end: null, error: null, episode: null },
  progress: { type: 'waiting' },
  context: null,
  notices: [],
  partial: '',
})

/** The answer after the next event. */
export function afterEvent(writing: Writing, event: ChatEvent): Writing {
  const { answer } = writing
  switch (event.type) {
    case 'loading':
      return { ...writing, progress: { type: 'loading' } }
    case 'prompt':
      return { ...writing, context: event.context, progress: { type: 'reading', tokens: event.tokens, reused: event.reused, context: event.context } }
    case 'text':
      return { ...writing, answer: { ...answer, text: answer.text + event.text }, progress: { type: 'writing' } }
    case 'notice':
      return { ...writing, notices: [...writing.notices, event.text] }
    case 'end':
      return { ...writing, answer: { ...answer, text: event.text, end: event } }
    case 'failed':
      return { ...writing, answer: { ...answer, error: event.error } }
  }
}

export const failedAnswer = (answer: Answer, error: RetortErrorParts): Answer => ({ ...answer, error })

/** Tokens of the context that a side uses after its newest answer. */
export function usedContext({ exchanges }: Conversation, side: Side): number | null {
  return exchanges.findLast(({ answers }) => answers[side]?.end)?.answers[side]?.end?.used ?? null
}

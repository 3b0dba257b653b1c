// An agent's answer as it grows, what it is asked with, and what is shown of its log: pure steps.
import type { AgentSetup, Answer, Conversation, Logged } from '../../shared/contract/routes/chat.ts'
import type { AgentEvent, EpisodeEnd, EventOf } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import type { ShownTurn } from '../components/turns.ts'
import type { Progress, Side, Writing } from './conversation.ts'

export const DEFAULT_AGENT: AgentSetup = { style: 'react', tools: ['calculator'], corpus: null, database: null, steps: 8, mcp: [] }

const turnOf = (role: Turn['role'], text: string): Turn => ({ role, text, calls: [], executed: [] })

/** Turns that the agent and its environment have added. */
const addedTurns = (episode: readonly Logged[]): Turn[] =>
  episode.flatMap(({ event, spans }) => ((event.type === 'agent' || event.type === 'observation') && spans !== null ? [event.turn] : []))

/**
 * What a side's agent is asked with: the system message if there is one, what it was asked before with all its turns, and the
 * question. What did not end with a turn of its own is left out with its question, since roles have to alternate.
 */
export function turnsFor({ system, exchanges }: Conversation, place: { exchange: number; side: Side }): Turn[] {
  const before = exchanges.slice(0, place.exchange).flatMap(({ question, answers }): Turn[] => {
    const answer = answers[place.side]
    const turns = answer?.episode ? addedTurns(answer.episode) : answer && answer.text !== '' ? [turnOf('agent', answer.text)] : []
    return turns.at(-1)?.role === 'agent' ? [turnOf('user', question), ...turns] : []
  })
  return [...(system.trim() === '' ? [] : [turnOf('system', system)]), ...before, turnOf('user', exchanges[place.exchange]!.question)]
}

/** Events of the log that are kept: all but what comes piece by piece. */
const isWhole = ({ type }: AgentEvent): boolean => type !== 'text' && type !== 'reasoning' && type !== 'notice'

/** What an agent does from an event on; null: what it did before. */
function progressAt(event: AgentEvent): Progress | null {
  switch (event.type) {
    case 'start':
    case 'step':
      return { type: 'waiting' }
    case 'text':
    case 'reasoning':
    case 'agent':
    case 'end':
      return { type: 'writing' }
    case 'call':
      return { type: 'calling', name: event.name }
    default:
      return null
  }
}

/** The answer after the next event of the log. */
export function afterLogged(writing: Writing, logged: Logged): Writing {
  const { event } = logged
  const { answer } = writing
  const episode = isWhole(event) ? [...(answer.episode ?? []), logged] : (answer.episode ?? [])
  const next: Writing = { ...writing, answer: { ...answer, episode }, progress: progressAt(event) ?? writing.progress }
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return { ...next, partial: writing.partial + event.text }
    case 'notice':
      return { ...next, notices: [...writing.notices, event.text] }
    case 'agent':
      return { ...next, partial: '' }
    case 'end':
      return { ...next, partial: '', answer: { ...next.answer, text: event.answer ?? '', end: endOf(event), error: event.error } }
    default:
      return next
  }
}

const REASONS = {
  answer: 'stop', environment: 'stop', steps: 'length', repeats: 'length', time: 'length', context: 'context', aborted: 'aborted', 'model-failed': 'stop',
} as const satisfies Record<EpisodeEnd, string>

const endOf = ({ reason, answer, tokens }: EventOf<'end'>): Answer['end'] => ({
  type: 'end', reason: REASONS[reason], text: answer ?? '', tokens, promptTokens: null, firstTokenSeconds: null, tokensPerSecond: null, used: null,
})

/** How an episode ended; null while it goes on. */
export const endingOf = (episode: readonly Logged[]): EventOf<'end'> | null =>
  episode.map(({ event }) => event).find((event) => event.type === 'end') ?? null

/** What an episode took: as its end says, or as far as it came. Tokens: null where the model does not say. */
export function takenBy(episode: readonly Logged[]): Pick<EventOf<'end'>, 'steps' | 'calls' | 'tokens'> & { readonly seconds: number | null } {
  const ending = endingOf(episode)
  if (ending) return ending
  const turns = episode.flatMap(({ event }) => (event.type === 'agent' ? [event] : []))
  const calls = episode.filter(({ event }) => event.type === 'observation' && event.call !== null).length
  const tokens = turns.reduce<number | null>((sum, turn) => (sum === null || turn.tokens === null ? null : sum + turn.tokens), 0)
  return { steps: turns.length, calls, tokens: turns.length === 0 ? null : tokens, seconds: null }
}

/** The turns of an episode as they are shown: with spans, what each call was, and how it went. */
export function shownTurns(episode: readonly Logged[]): ShownTurn[] {
  return episode.flatMap(({ event, spans }): ShownTurn[] => {
    if (spans === null) return []
    if (event.type === 'agent') return [{ role: 'agent', text: event.turn.text, spans, note: null, failed: false }]
    if (event.type !== 'observation') return []
    const note = event.name === null ? null : `${event.name} ${event.arguments ?? ''}`.trim()
    return [{ role: 'environment', text: event.turn.text, spans, note, failed: event.status !== 'ok' }]
  })
}

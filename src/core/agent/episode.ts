// The log folded: what an episode's events come to, as the record of its trajectory.
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import type { Span } from '../../shared/records/span.ts'
import type { Outcome, Tool, Turn } from '../../shared/records/trajectory.ts'
import { type Draft, plainTurn } from '../pipeline/trajectory/index.ts'
import { segmentTurn } from '../pipeline/segmentation/index.ts'
import { STYLES } from './styles/index.ts'

/** What has happened so far. */
export type Episode = {
  readonly start: EventOf<'start'> | null
  /** All turns, those given before the agent began among them: exactly what the model is asked with. */
  readonly turns: readonly Turn[]
  /** Spans of every turn: an agent's by its style, all others by who wrote them. */
  readonly spans: readonly (readonly Span[])[]
  /** Turns of the agent, and calls that ran. */
  readonly steps: number
  readonly calls: number
  /** Written by the model; null once a turn came without its count. */
  readonly tokens: number | null
  readonly end: EventOf<'end'> | null
  readonly outcome: Outcome | null
}

export const emptyEpisode: Episode = { start: null, turns: [], spans: [], steps: 0, calls: 0, tokens: 0, end: null, outcome: null }

/** The episode after one more event. */
export function follow(episode: Episode, event: AgentEvent): Episode {
  switch (event.type) {
    case 'start':
      return { ...episode, start: event, turns: event.turns, spans: event.turns.map((turn) => segmentTurn(turn)) }
    case 'agent': {
      const counted = { ...episode, steps: episode.steps + 1, tokens: sum(episode.tokens, event.tokens) }
      return wasWritten(event) ? withTurn(counted, event.turn) : counted
    }
    case 'observation':
      return withTurn({ ...episode, calls: episode.calls + (RAN.has(event.status) ? 1 : 0) }, event.turn)
    case 'end':
      return { ...episode, end: event }
    case 'outcome':
      return { ...episode, outcome: event.outcome }
    case 'step':
    case 'text':
    case 'reasoning':
    case 'notice':
    case 'vote':
    case 'call':
      return episode
  }
}

/** A whole log. */
export function foldEpisode(events: Iterable<AgentEvent>): Episode {
  let episode = emptyEpisode
  for (const event of events) episode = follow(episode, event)
  return episode
}

/** The episode as a trajectory's draft: `seal` makes the record of it. The question is the first user turn's, unless it is named. */
export function draftOf({ start, turns, outcome }: Episode, question?: string): Draft {
  const tools: Tool[] = start && STYLES[start.style].structured ? start.tools : []
  return { question: question ?? turns.find(({ role }) => role === 'user')?.text ?? '', tools, turns: [...turns], outcome }
}

/** What an agent is given before it begins; an empty system text is none. */
export const openingTurns = ({ system, question }: { system: string; question: string }): Turn[] => [
  ...(system === '' ? [] : [plainTurn('system', system)]),
  plainTurn('user', question),
]

const RAN: ReadonlySet<string> = new Set<EventOf<'observation'>['status']>(['ok', 'failed', 'timed-out'])

/** A model that was stopped before it wrote anything has taken no turn. */
const wasWritten = ({ turn, end }: EventOf<'agent'>): boolean =>
  turn.text !== '' || (end !== 'aborted' && end !== 'time' && end !== 'broken')

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)

function withTurn(episode: Episode, turn: Turn): Episode {
  const style = STYLES[episode.start!.style]
  const spans = turn.role === 'agent' ? style.read(turn).spans : segmentTurn(turn)
  return { ...episode, turns: [...episode.turns, turn], spans: [...episode.spans, spans] }
}

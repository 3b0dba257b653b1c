// An episode's log for a reader: its turns with their spans, how each call went, and what was voted on.
import { foldEpisode } from '../../core/agent/index.ts'
import type { ShownTurn } from '../../shared/contract/evaluating.ts'
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'

/** In order, those that the agent was given before it began among them. */
export function shownTurns(events: readonly AgentEvent[]): ShownTurn[] {
  const { turns, spans, start } = foldEpisode(events)
  const acted = events.filter((event) => (event.type === 'agent' && event.turn.text !== '') || event.type === 'observation')
  const votes = new Map(events.flatMap((event) => (event.type === 'vote' ? [[event.step, event] as const] : [])))
  const before = start?.turns.length ?? 0
  return turns.map((turn, index) => {
    const own = { ...turn, spans: [...spans[index]!] }
    const event = index < before ? undefined : acted[index - before]
    if (event?.type === 'observation') return { ...own, step: event.step, status: event.status, vote: null }
    return { ...own, step: event?.type === 'agent' ? event.step : null, status: null, vote: shownVote(event, votes) }
  })
}

function shownVote(event: AgentEvent | undefined, votes: ReadonlyMap<number, EventOf<'vote'>>): ShownTurn['vote'] {
  const vote = event?.type === 'agent' ? votes.get(event.step) : undefined
  if (!vote) return null
  const candidates = vote.candidates.map(({ text, outcome, problem, votes: count }) => ({ text, outcome: outcome ?? problem ?? '', votes: count, valid: outcome !== null }))
  return { taken: vote.taken, candidates }
}

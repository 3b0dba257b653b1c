// Prompt distillation: a teacher acts behind a long instruction, and its student learns the same acts behind a short one, or none.
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import { type Episode, foldEpisode, openingTurns } from './episode.ts'

/** The episode as the student is to see it; `system`: its message for the tools of the episode, '' for none. */
export function distilledEpisode(events: readonly AgentEvent[], system: (tools: EventOf<'start'>['tools']) => string): Episode {
  return foldEpisode(
    events.map((event): AgentEvent => {
      if (event.type !== 'start') return event
      const [...opening] = openingTurns({ system: system(event.tools), question: '' })
      return { ...event, turns: [...opening.slice(0, -1), ...event.turns.filter(({ role }) => role !== 'system')] }
    }),
  )
}

// Episodes of evaluations for a reader: one as the trajectory that it is, and two evaluations beside each other.
import { foldEpisode } from '../../core/agent/index.ts'
import { pairedDifference } from '../../core/evaluation/index.ts'
import type { Comparison, ShownEpisode } from '../../shared/contract/evaluating.ts'
import { RetortError } from '../../shared/errors.ts'
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import { evaluationFolder, readEpisodes, readEvaluation, type StoredEpisode } from './folder.ts'

/** Throws RetortError `no-evaluation`, `no-episode`. */
export function shownEpisode(project: string, { id, task }: { readonly id: string; readonly task: string }): ShownEpisode {
  readEvaluation(project, id)
  const episode = readEpisodes(project, id).find(({ result }) => result.task.id === task)
  if (episode) return { result: episode.result, turns: turnsOf(episode) }
  throw new RetortError({ code: 'no-episode', message: 'this task is not done in the evaluation', where: evaluationFolder(project, id), found: task, expected: 'the id of a task that is done' })
}

type ShownTurn = ShownEpisode['turns'][number]

function turnsOf({ events }: StoredEpisode): ShownTurn[] {
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

/** By the tasks that both have done; a task is its question. Throws RetortError `no-evaluation`. */
export function compareEvaluations(project: string, { first, second }: { readonly first: string; readonly second: string }): Comparison {
  const outcomes = (id: string): Map<string, { id: string; success: boolean }> => {
    readEvaluation(project, id)
    return new Map(readEpisodes(project, id).map(({ result: { task, success } }) => [task.question, { id: task.id, success }]))
  }
  const [a, b] = [outcomes(first), outcomes(second)]
  const both = [...a].flatMap(([question, one]) => {
    const other = b.get(question)
    return other ? [{ one, other }] : []
  })
  const share = (of: (pair: (typeof both)[number]) => boolean): number[] => both.map((pair) => Number(of(pair)))
  return {
    tasks: both.length,
    difference: pairedDifference(share(({ one }) => one.success), share(({ other }) => other.success), { seed: 0 }),
    onlyFirst: both.filter(({ one, other }) => one.success && !other.success).map(({ one }) => one.id),
    onlySecond: both.filter(({ one, other }) => !one.success && other.success).map(({ other }) => other.id),
  }
}

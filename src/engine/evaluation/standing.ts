// Evaluations of a ladder as they stand on the disk: one that somebody removed counts no more.
import { hasResult, type RungResults } from '../../core/evaluation/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { AgentLimits } from '../../shared/records/episode.ts'
import type { Evaluation, Prompting } from '../../shared/records/evaluation.ts'
import type { Ladder } from '../../shared/records/ladder.ts'
import { readEpisodes, readEvaluation } from './folder.ts'

/** null: it is not there. */
export function standingOf(project: string, id: string): Evaluation | null {
  try {
    return readEvaluation(project, id)
  } catch (error) {
    if (error instanceof RetortError && error.code === 'no-evaluation') return null
    throw error
  }
}

/** Of those that are over. */
export const resultsOf = (project: string, { rungs }: Pick<Ladder, 'rungs'>): RungResults[] =>
  rungs.flatMap(({ arm, seed, evaluations }) =>
    evaluations.flatMap(({ tasks, id }) => (standingOf(project, id)?.state === 'finished' ? [{ arm, seed, tasks, results: readEpisodes(project, id).map(({ result }) => result).filter(hasResult) }] : [])),
  )

/** Limits that the rungs were evaluated with, by how they are asked; of those that were not, none. */
export const knownLimits = (project: string, { rungs }: Pick<Ladder, 'rungs'>): Partial<Record<Prompting, AgentLimits>> =>
  Object.fromEntries(rungs.flatMap(({ evaluations }) => evaluations.flatMap(({ id }) => standingOf(project, id) ?? [])).map(({ spec }) => [spec.prompting, spec.limits]))

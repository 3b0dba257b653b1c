// Episodes of evaluations for a reader: one as the trajectory that it is, and two evaluations beside each other.
import { hasResult, pairedDifference } from '../../core/evaluation/index.ts'
import type { Comparison, ShownEpisode } from '../../shared/contract/evaluating.ts'
import { RetortError } from '../../shared/errors.ts'
import { shownTurns } from '../agent/index.ts'
import { evaluationFolder, readEpisodes, readEvaluation } from './folder.ts'

/** Throws RetortError `no-evaluation`, `no-episode`. */
export function shownEpisode(project: string, { id, task }: { readonly id: string; readonly task: string }): ShownEpisode {
  readEvaluation(project, id)
  const episode = readEpisodes(project, id).find(({ result }) => result.task.id === task)
  if (episode) return { result: episode.result, turns: shownTurns(episode.events) }
  throw new RetortError({ code: 'no-episode', message: 'this task is not done in the evaluation', where: evaluationFolder(project, id), found: task, expected: 'the id of a task that is done' })
}

/** By the tasks that both have a result of; a task is its question. Throws RetortError `no-evaluation`. */
export function compareEvaluations(project: string, { first, second }: { readonly first: string; readonly second: string }): Comparison {
  const outcomes = (id: string): Map<string, { id: string; success: boolean }> => {
    readEvaluation(project, id)
    return new Map(readEpisodes(project, id).filter(({ result }) => hasResult(result)).map(({ result: { task, success } }) => [task.question, { id: task.id, success }]))
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

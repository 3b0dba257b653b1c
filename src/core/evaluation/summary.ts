// What episodes come to: a task's result from its log, and the figures of many results.
import type { AgentEvent, CallStatus, EpisodeEnd, EventOf } from '../../shared/records/episode.ts'
import type { EvaluationSummary, TaskResult } from '../../shared/records/evaluation.ts'
import type { SuiteTask } from '../../shared/records/suite.ts'
import { errorInLine, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { foldEpisode } from '../agent/index.ts'
import { mean, wilson } from './statistics.ts'

/** What the student wrote could not be run at all. */
const INVALID: ReadonlySet<CallStatus> = new Set(['not-parsed', 'unknown-tool', 'bad-arguments', 'not-run'])
/** It was run, and the tool or the world refused it. */
const FAILED: ReadonlySet<CallStatus> = new Set(['failed', 'timed-out'])

/** Of a log that has come to its end and outcome. */
export function resultOf(task: SuiteTask, events: readonly AgentEvent[]): TaskResult {
  const { end, outcome, steps, calls } = foldEpisode(events)
  if (!end || !outcome) throw new Error(`the episode of ${task.id} has no ${end ? 'outcome' : 'end'}`)
  const observed = events.filter((event) => event.type === 'observation')
  const handedIn = end.answer !== null && (observed.at(-1)?.ends ?? null) === null ? 1 : 0
  return {
    task,
    success: outcome.success === true,
    detail: end.reason === 'model-failed' && end.error ? errorInLine(new RetortError(end.error as RetortErrorParts)) : outcome.detail,
    answer: end.answer,
    end: end.reason,
    error: end.error,
    steps,
    calls,
    actions: observed.length + handedIn,
    invalid: observed.filter(({ status }) => INVALID.has(status)).length,
    failed: observed.filter(({ status }) => FAILED.has(status)).length,
    tokens: written(events),
    promptTokens: read(events),
    seconds: end.seconds,
  }
}

/** All that was sampled, where turns were voted on. */
function written(events: readonly AgentEvent[]): number | null {
  const voted = new Map(events.flatMap((event) => (event.type === 'vote' ? [[event.step, event.tokens] as const] : [])))
  return total(events.flatMap((event) => (event.type === 'agent' ? [voted.has(event.step) ? voted.get(event.step)! : countOf(event, event.tokens)] : [])))
}

const read = (events: readonly AgentEvent[]): number | null =>
  total(events.flatMap((event) => (event.type === 'agent' ? [countOf(event, event.promptTokens)] : [])))

/** A turn for which there was no room has read and written nothing. */
const countOf = ({ turn, end }: EventOf<'agent'>, count: number | null): number | null => count ?? (turn.text === '' && end === 'broken' ? 0 : null)

const total = (counts: readonly (number | null)[]): number | null =>
  counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + count!, 0)

/** A model that failed (an endpoint that refuses) says nothing of the task. */
export const hasResult = ({ end }: Pick<TaskResult, 'end'>): boolean => end !== 'model-failed'

/** `seconds`: wall time at work on all of them. */
export function summarise(all: readonly TaskResult[], seconds: number): EvaluationSummary {
  const results = all.filter(hasResult)
  const sum = (of: (result: TaskResult) => number): number => results.reduce((total, result) => total + of(result), 0)
  const average = (of: (result: TaskResult) => number | null): number | null => {
    const values = results.map(of)
    return values.length === 0 || values.includes(null) ? null : mean(values as number[])
  }
  const successes = sum(({ success }) => Number(success))
  const actions = sum((result) => result.actions)
  return {
    tasks: results.length,
    withoutResult: all.length - results.length,
    successes,
    success: wilson(successes, results.length),
    invalid: { count: sum(({ invalid }) => invalid), of: actions },
    failed: { count: sum(({ failed }) => failed), of: actions },
    steps: average(({ steps }) => steps),
    calls: average(({ calls }) => calls),
    tokens: average(({ tokens }) => tokens),
    promptTokens: average(({ promptTokens }) => promptTokens),
    seconds: results.length === 0 ? null : seconds / results.length,
    ends: counted(all, ({ end }) => end).map(([end, { tasks }]) => ({ end: end as EpisodeEnd, tasks })),
    families: counted(results, ({ task }) => task.family).map(([family, counts]) => ({ family, ...counts })),
  }
}

function counted(results: readonly TaskResult[], key: (result: TaskResult) => string): [string, { tasks: number; successes: number }][] {
  const counts = new Map<string, { tasks: number; successes: number }>()
  for (const result of results) {
    const { tasks, successes } = counts.get(key(result)) ?? { tasks: 0, successes: 0 }
    counts.set(key(result), { tasks: tasks + 1, successes: successes + Number(result.success) })
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

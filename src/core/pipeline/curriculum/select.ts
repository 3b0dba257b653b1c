// Which trajectories a stage takes: its filter over the training side.
import type { Method, Mix, ShareRange, Stage, StageFilter } from '../../../shared/records/plan.ts'
import { splitPlace } from '../task/index.ts'

/** A trajectory of the training side as filters see it. */
export type Candidate = {
  readonly id: string
  readonly taskId: string
  readonly format: string
  readonly file: string
  readonly method: Method
  readonly tags: readonly string[]
  readonly outcome: 'success' | 'failure' | 'unknown'
  /** Of complexity, in [0, 1] over the whole training side. */
  readonly rank: number
}

const inRange = (place: number, { from, to }: ShareRange): boolean => place >= from && (place < to || (to === 1 && place === 1))

/** The place of each task among the training side's tasks, in [0, 1): in the order of the split, so that a task has one place. */
function taskPlaces(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const tasks = [...new Set(candidates.map(({ taskId }) => taskId))]
  const placed = tasks.map((task) => ({ task, place: splitPlace(task) }))
  placed.sort((a, b) => a.place - b.place || (a.task < b.task ? -1 : 1))
  return new Map(placed.map(({ task }, index) => [task, index / placed.length]))
}

type Check = (filter: StageFilter, candidate: Candidate, place: number) => boolean
const among = <T>(wanted: readonly T[] | undefined, found: T): boolean => wanted === undefined || wanted.includes(found)

/** A row for each key of the filter; every one must let a trajectory through. */
const CHECKS: { readonly [K in keyof Required<StageFilter>]: Check } = {
  format: ({ format }, found) => among(format, found.format),
  file: ({ file }, found) => among(file, found.file),
  method: ({ method }, found) => among(method, found.method),
  tags: ({ tags }, found) => tags === undefined || tags.some((tag) => found.tags.includes(tag)),
  outcome: ({ outcome }, found) => among(outcome, found.outcome),
  split: ({ split }, _, place) => split === undefined || inRange(place, split),
  complexity: ({ complexity }, { rank }) => complexity === undefined || inRange(rank, complexity),
  ids: ({ ids }, { id }) => ids === undefined || ids.some((beginning) => id.startsWith(beginning)),
}

/** Indices of the candidates that each stage takes, in their order. */
export function selectStages(candidates: readonly Candidate[], stages: readonly Pick<Stage, 'filter'>[]): number[][] {
  const places = taskPlaces(candidates)
  const checks = Object.values(CHECKS)
  return stages.map(({ filter }) =>
    candidates.flatMap((candidate, index) =>
      checks.every((check) => check(filter, candidate, places.get(candidate.taskId)!)) ? [index] : [],
    ),
  )
}

/** The group of a mix that a trajectory belongs to. */
export const groupOf = (candidate: Candidate, by: Mix['by']): string => candidate[by]

// A project's trajectories for looking at: pages of the list, and one in full.
import { examine } from '../../core/pipeline/annotation/index.ts'
import { splitPlace } from '../../core/pipeline/task/index.ts'
import type { OpenedTrajectory, TrajectoryLine, TrajectoryFilter } from '../../shared/contract/routes/trajectories.ts'
import type { ShownTrajectory, TrajectoryRow } from '../../shared/contract/trajectories.ts'
import type { ReviewState } from '../../shared/records/correction.ts'
import { outcomeSchema, type Outcome } from '../../shared/records/trajectory.ts'
import { findCorrections, findLine, findTexts, type LineSummary } from '../store/index.ts'
import { getOriginal, getTrajectory, withCorrections, type CorrectedTrajectory } from './corrected.ts'
import { trajectoryRevision } from './journal.ts'
import type { Project } from './project.ts'
import { isHeldOut } from './facets.ts'
import type { Query } from './query.ts'
import { snippetOf } from './snippet.ts'

export type Page = { readonly offset: number; readonly limit: number }

/** The trajectories that a filter leaves, in the order of import; without `limit` all of them from `offset` on. */
export function listTrajectories(project: Project, page: Partial<Page> & { filter?: TrajectoryFilter } = {}): TrajectoryRow[] {
  const { filter = {}, offset = 0, limit = Infinity } = page
  const { lines, rows } = project.queries().find({ filter, sort: { by: 'imported', descending: false } })
  return [...rows.subarray(offset, Math.min(rows.length, offset + limit))].map((row) => rowOf(findLine(project.store, lines.seq[row]!)))
}

/** How many trajectories a filter leaves. */
export const countMatches = (project: Project, filter: TrajectoryFilter): number =>
  project.queries().find({ filter, sort: { by: 'imported', descending: false } }).rows.length

function rowOf(line: LineSummary): TrajectoryRow {
  const { id, question, turns, guessed, reason, act, final, observe } = line
  return {
    id,
    source: `${line.format}:${line.file}#${line.record_index}`,
    task: question,
    turns,
    spans: { reason, act, final, observe },
    guessed,
    outcome: line.outcome === null ? null : shortened(outcomeSchema.parse(JSON.parse(line.outcome))),
  }
}

/** Of a detail of several lines (a submission) the list has the first; the trajectory itself has all. */
const shortened = (outcome: Outcome): Outcome => ({ ...outcome, detail: outcome.detail.split('\n', 1)[0]! })

export type LinesPage = { total: number; lines: TrajectoryLine[]; ranked: boolean }

/** Lines `offset` to `offset + limit` of a query's result. */
export function pageTrajectories(project: Project, { offset, limit, ...query }: Query & Page): LinesPage {
  const { lines, rows, ranked } = project.queries().find(query)
  const shown = [...rows.subarray(offset, offset + limit)].map((row) => findLine(project.store, lines.seq[row]!))
  return { total: rows.length, lines: shown.map((line) => lineOf(project, line, query.filter.text)), ranked }
}

function lineOf(project: Project, line: LineSummary, text: string | undefined): TrajectoryLine {
  const { format, file, steps, characters, difficulty, review, corrections } = line
  return {
    ...rowOf(line),
    format, file, index: line.record_index, steps, characters, difficulty, review, corrections,
    tags: JSON.parse(line.tags) as string[],
    noted: line.noted === 1,
    heldout: isHeldOut(line.place),
    snippet: text === undefined || text.trim() === '' ? null : snippetOf(textsOf(project, line), text),
  }
}

/** The texts of all turns as corrected; where nothing is, without reading more than them. */
const textsOf = (project: Project, { id, corrections }: LineSummary): string[] =>
  corrections === 0 ? findTexts(project.store, id) : getTrajectory(project, id).trajectory.turns.map((turn) => turn.text)

/** All ids of a query's result, in its order. */
export function listIds(project: Project, query: Query): string[] {
  const { lines, rows } = project.queries().find(query)
  return Array.from(rows, (row) => lines.id[row]!)
}

export type TrajectoryState = { id: string; review: ReviewState; tags: string[] }

/** Review state and tags of trajectories, in the order given; ids that the project does not have are left out. */
export function trajectoryStates(project: Project, ids: readonly string[]): TrajectoryState[] {
  const { lines } = project.queries().find({ filter: {}, sort: { by: 'imported', descending: false } })
  const wanted = new Set(ids)
  const found = new Map<string, TrajectoryState>()
  lines.id.forEach((id, row) => {
    if (wanted.has(id)) found.set(id, { id, review: lines.review[row] as ReviewState, tags: JSON.parse(lines.tags[row]!) as string[] })
  })
  return ids.flatMap((id) => found.get(id) ?? [])
}

/** A trajectory as corrected, with the spans and labels of its turns. Throws when the project has none of this id. */
export const showTrajectory = (project: Project, id: string): ShownTrajectory => shown(getTrajectory(project, id))

function shown({ task, trajectory, spans, labels, corrections }: CorrectedTrajectory): ShownTrajectory {
  const { taskId: _, ...rest } = trajectory
  const turns = trajectory.turns.map((turn, index) => {
    return { ...turn, spans: spans[index] ?? [], label: labels.get(index) ?? null }
  })
  return { ...rest, task, turns, corrections }
}

/** A trajectory with what it was before corrections, its marks and what the doctor finds. */
export function openTrajectory(project: Project, id: string): OpenedTrajectory {
  const { store } = project
  return store.snapshot(() => {
    const original = getOriginal(project, id)
    const corrected = withCorrections(original, findCorrections(store, id))
    const { trajectory, spans, review, tags, note } = corrected
    return {
      shown: shown(corrected),
      original: original.trajectory.turns.map((turn, index) => (turn.text === trajectory.turns[index]!.text ? null : turn)),
      review, tags, note,
      heldout: isHeldOut(splitPlace(trajectory.taskId)),
      findings: examine(trajectory, spans).map(({ turn = null, code, message }) => ({ turn, code, message })),
      revision: trajectoryRevision(project, id),
    }
  })
}

// A project's trajectories for looking at: the list, and one in full.
import type { ShownTrajectory, TrajectoryRow } from '../../shared/contract/trajectories.ts'
import type { Outcome } from '../../shared/records/trajectory.ts'
import { summariseTrajectories } from '../store/index.ts'
import { getTrajectory } from './corrected.ts'
import type { Project } from './project.ts'

/** One row for each trajectory, in the order of import; without `limit` all of them from `offset` on. */
export function listTrajectories(project: Project, page: { limit?: number; offset?: number } = {}): TrajectoryRow[] {
  return summariseTrajectories(project.store, page).map((summary) => {
    const { id, turns, guessed, reason, act, final, observe } = summary
    return {
      id,
      source: `${summary.format}:${summary.file}#${summary.record_index}`,
      task: summary.question,
      turns,
      spans: { reason, act, final, observe },
      guessed,
      outcome: summary.outcome && shortened(summary.outcome),
    }
  })
}

/** Of a detail of several lines (a submission) the list has the first; the trajectory itself has all. */
const shortened = (outcome: Outcome): Outcome => ({ ...outcome, detail: outcome.detail.split('\n', 1)[0]! })

/** A trajectory as corrected, with the spans and labels of its turns. */
export function showTrajectory(project: Project, id: string): ShownTrajectory {
  const { task, trajectory, spans, labels, corrections } = getTrajectory(project, id)
  const { taskId: _, ...rest } = trajectory
  const turns = trajectory.turns.map((turn, index) => {
    return { ...turn, spans: spans[index] ?? [], label: labels.get(index) ?? null }
  })
  return { ...rest, task, turns, corrections }
}

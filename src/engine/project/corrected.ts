// Trajectories as corrected: the original, its spans, and the corrections laid over them.
import { applyCorrections } from '../../core/pipeline/annotation/index.ts'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import type { Sha256 } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Correction, StepLabel } from '../../shared/records/correction.ts'
import type { Span } from '../../shared/records/span.ts'
import type { Task } from '../../shared/records/task.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import type { Store } from '../store/index.ts'
import {
  countSpans, findCorrections, findSpans, findTrajectory, insertCorrection, reindexTurn, updateCounts,
} from '../store/index.ts'
import type { Project } from './project.ts'

export type CorrectedTrajectory = {
  task: Task
  trajectory: Trajectory
  /** One list a turn. */
  spans: Span[][]
  /** By turn. */
  labels: Map<number, StepLabel>
  /** Those that led there, oldest first. */
  corrections: Correction[]
}

/** A trajectory with its first `count` corrections, or all of them. Throws when the project has none of this id. */
export function getTrajectory(project: Project, id: string, count = Infinity): CorrectedTrajectory {
  const { task, trajectory, spans } = original(project.store, id)
  const corrections = findCorrections(project.store, id).slice(0, count)
  return { task, corrections, ...applyCorrections(trajectory, spans, corrections) }
}

function original(store: Store, id: string): { task: Task; trajectory: Trajectory; spans: Span[][] } {
  const stored = findTrajectory(store, id)
  const spans = findSpans(store, id)
  if (stored && spans) return { ...stored, spans }
  throw new RetortError({
    code: 'trajectory-missing',
    message: 'the project has no such trajectory',
    found: id,
    where: store.path,
    advice: 'see the ids with `retort list`',
  })
}

/** Adds a correction. Throws, and keeps nothing, when it cannot be laid over the trajectory as corrected so far. */
export function correctTrajectory(project: Project, correction: Omit<Correction, 'id'>): Correction {
  const { store } = project
  return store.transaction(() => {
    original(store, correction.trajectoryId)
    const kept = insertCorrection(store, correction)
    const { trajectory, spans } = getTrajectory(project, correction.trajectoryId)
    updateCounts(store, correction.trajectoryId, countSpans(spans))
    if (kept.change.type === 'text') {
      const { turn } = kept.change
      reindexTurn(store, { trajectoryId: correction.trajectoryId, turn, text: trajectory.turns[turn]!.text })
    }
    return kept
  })
}

/** sha256 (hex) of all that training sees of a trajectory: tools, texts, calls, spans and labels. */
export function correctedHash({ trajectory, spans, labels }: CorrectedTrajectory, sha256: Sha256): string {
  const turns = trajectory.turns.map((turn, index) => {
    return { ...turn, spans: spans[index], label: labels.get(index) ?? null }
  })
  return sha256(canonicalJson({ tools: trajectory.tools, turns }))
}

// Dataset revisions: fixing what a run is trained on, and reading it back exactly.
import { heldOut } from '../../core/pipeline/task/index.ts'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { DatasetRevision } from '../../shared/records/datasetRevision.ts'
import { sha256 } from '../files/index.ts'
import { findDatasetRevision, insertDatasetRevision, trajectoryIds } from '../store/index.ts'
import type { CorrectedTrajectory } from './corrected.ts'
import { correctedHash, getTrajectory } from './corrected.ts'
import type { Project } from './project.ts'

type Member = DatasetRevision['members'][number]

/**
 * The revision of all trajectories as corrected now, split by task; `heldout` is the share of tasks held out. Reading and
 * hashing take as long as the project is large, one trajectory in memory at a time, and keep no one from writing.
 */
export function makeDatasetRevision(project: Project, { heldout }: { heldout: number }): DatasetRevision {
  const { store } = project
  const members = store.snapshot(() =>
    trajectoryIds(store).map((trajectoryId): Member => {
      const corrected = getTrajectory(project, trajectoryId)
      const taskId = corrected.task.id
      const split = heldOut(taskId, heldout) ? 'heldout' : 'train'
      return { trajectoryId, taskId, hash: correctedHash(corrected, sha256), split }
    }),
  )
  const revision = { id: sha256(canonicalJson(members)), members }
  // Corrections made since then change nothing: the revision names the content it saw, and they are only ever added.
  store.transaction(() => insertDatasetRevision(store, revision))
  return revision
}

export type RevisionMember = CorrectedTrajectory & { split: Member['split'] }

/**
 * The members of a revision with the very content it was made of, in its order (by trajectory id), one by one.
 * Corrections made since are left out. Throws when the content cannot be had any more (its spans were made anew).
 */
export function* readDatasetRevision(project: Project, id: string): Generator<RevisionMember> {
  const revision = findDatasetRevision(project.store, id)
  if (!revision) {
    throw new RetortError({
      code: 'revision-missing',
      message: 'the project has no such dataset revision',
      found: id,
      where: project.folder,
    })
  }
  for (const member of revision.members) yield { ...contentOf(project, member), split: member.split }
}

/** Corrections are append-only: what the revision saw is the trajectory with all of them or with the first few. */
function contentOf(project: Project, { trajectoryId, hash }: Member): CorrectedTrajectory {
  const now = getTrajectory(project, trajectoryId)
  if (correctedHash(now, sha256) === hash) return now
  for (let count = now.corrections.length - 1; count >= 0; count -= 1) {
    const then = getTrajectory(project, trajectoryId, count)
    if (correctedHash(then, sha256) === hash) return then
  }
  throw new RetortError({
    code: 'revision-changed',
    message: 'a trajectory is no longer what the dataset revision was made of',
    where: trajectoryId,
    expected: `content with hash ${hash}`,
    advice: 'its spans were made anew since; start a new run on a new revision',
  })
}

// The suite whose expert knows a trajectory's task: as the source says that `rollout.ts` gave it.
import { type ExpertPlace, expertPlaceSchema } from '../../shared/contract/asking.ts'
import { getTrajectory, type Project } from '../project/index.ts'
import { ROLLOUT_FORMAT } from '../../shared/records/rollout.ts'

/** null: it was not made here. Throws RetortError for a trajectory that the project has not. */
export function expertPlace(project: Project, id: string): ExpertPlace | null {
  const { format, file } = getTrajectory(project, id).trajectory.source
  const [, suite, seed] = (format === ROLLOUT_FORMAT && / \| ([a-z0-9]+)\/[a-z-]+\/(\d+)$/.exec(file)) || []
  return expertPlaceSchema.safeParse({ suite, seed: Number(seed) }).data ?? null
}

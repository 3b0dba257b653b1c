// An episode into a project, as the trajectory that it is.
import { draftOf, type Episode } from '../../core/agent/index.ts'
import { seal } from '../../core/pipeline/trajectory/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import { sha256 } from '../files/index.ts'
import { insertTrajectory, toColumns } from '../store/index.ts'
import type { Project } from './project.ts'
import { writing } from './writing.ts'

/** Format of episodes that were run here; their `file` is the model that ran them. */
const EPISODE_FORMAT = 'retort-agent'

/**
 * `source`: where it is from, when that is more than the model's name. `duplicate`: the project holds just this trajectory
 * already. Throws RetortError `nothing-written` for one without an agent's turn.
 */
export async function keepEpisode(project: Project, episode: Episode, source?: Trajectory['source']): Promise<{ id: string; kept: 'kept' | 'duplicate' }> {
  const draft = draftOf(episode)
  if (!draft.turns.some(({ role, text }) => role === 'agent' && text !== '')) {
    throw new RetortError({ code: 'nothing-written', message: 'this episode is no trajectory', found: 'no turn of the agent', expected: 'at least one' })
  }
  const { task, trajectory } = seal(draft, source ?? { format: EPISODE_FORMAT, file: episode.start?.model ?? '', index: 0 }, sha256)
  const spans = episode.spans.map((own) => [...own])
  const kept = await writing(project, () => insertTrajectory(project.store, toColumns({ task, trajectory, spans })))
  return { id: trajectory.id, kept }
}

// Slips that a batch has left without labels, when it was killed or failed, are labelled before somebody learns from them.
import type { Project } from '../project/index.ts'
import { labelKilled } from '../teaching/index.ts'
import type { World } from './world.ts'

/** When a project is opened, trained on and curated. Throws RetortError where it cannot be written. */
export async function labelSlipsOf({ changed }: Pick<World, 'changed'>, project: Project): Promise<void> {
  if ((await labelKilled(project)) > 0) changed.send({ type: 'trajectories', project: project.folder })
}

// Ids of runs: made of the moment and four random hex digits; what a user gives is one of these or no run.
import { randomBytes } from 'node:crypto'
import { RetortError } from '../../shared/errors.ts'
import type { Project } from '../project/index.ts'

const PATTERN = /^\d{8}-\d{6}-[0-9a-f]{4}$/

/** For example 20260131-154500-0a1b, in UTC. */
export const makeRunId = (now: Date): string =>
  `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`

/** The folder of a run that a user named. An id is a part of a path: throws RetortError `run-missing` for what is no id. */
export function runFolderOf(project: Project, id: string): string {
  if (PATTERN.test(id)) return project.runFolder(id)
  throw new RetortError({
    code: 'run-missing',
    message: `there is no run ${JSON.stringify(id)}`,
    where: project.folder,
    expected: 'the id of a run of this project, such as 20260131-154500-0a1b',
  })
}

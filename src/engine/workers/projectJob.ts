// The one job of a process that works in a project: opened for it, answered for it, and then the process ends.
import type { RetortErrorParts } from '../../shared/errors.ts'
import { openProject, type Project } from '../project/index.ts'
import { tellParent } from './tellParent.ts'

type ProjectJob<Answer> = {
  readonly folder: string
  readonly work: (project: Project) => Promise<Answer>
  /** What the parent is told of a failure; the exit code is then 1. */
  readonly partsOf: (error: unknown) => RetortErrorParts
}

export async function runProjectJob<Answer>({ folder, work, partsOf }: ProjectJob<Answer>): Promise<void> {
  try {
    const project = openProject(folder, { create: false })
    try {
      await tellParent(await work(project))
    } finally {
      project.dispose()
    }
  } catch (error) {
    await tellParent({ type: 'failed', error: partsOf(error) })
    process.exitCode = 1
  }
  if (process.connected) process.disconnect()
}

// Handlers of the projects surface.
import { basename, isAbsolute, resolve } from 'node:path'
import type { ProjectInfo } from '../../shared/contract/routes/projects.ts'
import { RetortError } from '../../shared/errors.ts'
import { damagedEvaluations, damagedLadders } from '../evaluation/index.ts'
import { sampleProject } from '../paths.ts'
import { ensureSample, type Project } from '../project/index.ts'
import { countLines } from '../store/index.ts'
import { damagedBatches } from '../teaching/index.ts'
import { os } from './base.ts'
import { labelSlipsOf } from './labelSlips.ts'
import type { World } from './world.ts'

const RECENT = 20

function infoOf(world: World, { folder, store }: Project): ProjectInfo {
  const sample = folder === resolve(sampleProject(world.machine))
  return { folder, name: sample ? 'Sample project' : basename(folder) || folder, ...countLines(store), sample }
}

/** Remembers a project as the one that is open, and tells it. */
function remember(world: World, project: Project): ProjectInfo {
  const { project: before, recentProjects } = world.settings.get()
  const recent = [project.folder, ...recentProjects.filter((folder) => folder !== project.folder)].slice(0, RECENT)
  if (before !== project.folder || recent[0] !== recentProjects[0]) {
    world.settings.set({ project: project.folder, recentProjects: recent })
    world.changed.send({ type: 'settings' })
  }
  return infoOf(world, project)
}

async function opened(world: World, project: Project): Promise<ProjectInfo> {
  // A project that cannot be written can be looked at all the same; who trains on it is told.
  await labelSlipsOf(world, project).catch((error: unknown) => {
    if (!(error instanceof RetortError)) throw error
  })
  return remember(world, project)
}

function requireAbsolute(folder: string): void {
  if (isAbsolute(folder)) return
  throw new RetortError({
    code: 'bad-path',
    message: 'the folder of a project has to be named in full',
    found: folder,
    expected: 'an absolute path',
  })
}

export const projects = os.projects.router({
  open: os.projects.open.handler(({ context, input: { folder, create } }) => {
    requireAbsolute(folder)
    return opened(context, create ? context.projects.create(folder) : context.projects.get(folder))
  }),
  sample: os.projects.sample.handler(async ({ context }) => {
    const folder = sampleProject(context.machine)
    await ensureSample(folder)
    return opened(context, context.projects.get(folder))
  }),
  info: os.projects.info.handler(({ context, input }) => infoOf(context, context.projects.get(input.project))),
  damaged: os.projects.damaged.handler(({ context, input }) => {
    const { folder } = context.projects.get(input.project)
    return { evaluations: damagedEvaluations(folder), ladders: damagedLadders(folder), batches: damagedBatches(folder) }
  }),
})

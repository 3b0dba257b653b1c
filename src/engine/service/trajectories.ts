// Handlers of the trajectories surface.
import type { JournalEntry, JournalState } from '../../shared/contract/routes/trajectories.ts'
import {
  journalPage, journalState, journalStep, listIds, openTrajectory, pageTrajectories, trajectoryStates, type Author, type Project, type Step,
} from '../project/index.ts'
import { pageImportReports } from '../store/index.ts'
import { os } from './base.ts'
import type { World } from './world.ts'

const at = os.trajectories

/** Who corrects, and when. */
const author = ({ settings }: World): Author => ({ author: settings.get().author, at: new Date().toISOString() })

const tell = ({ changed }: World, project: Project): void => changed.send({ type: 'trajectories', project: project.folder })

type Turned = JournalState & { entry: JournalEntry | null }

/** Undo or redo, as one. */
async function turn(context: World, folder: string, step: Step): Promise<Turned> {
  const project = context.projects.get(folder)
  const entry = await journalStep(project, step)
  if (entry) tell(context, project)
  return { entry, ...journalState(project) }
}

const imports = at.imports.router({
  start: at.imports.start.handler(({ context, input }) => ({ id: context.imports.start(context.projects.get(input.project).folder, input.paths) })),
  watch: at.imports.watch.handler(({ context, input, signal }) => context.imports.watch(context.projects.get(input.project).folder, signal)),
  cancel: at.imports.cancel.handler(async ({ context, input }) => {
    await context.imports.cancel(context.projects.get(input.project).folder, input.id)
    return {}
  }),
  dismiss: at.imports.dismiss.handler(({ context, input }) => {
    context.imports.dismiss(context.projects.get(input.project).folder, input.id)
    return {}
  }),
})

export const trajectories = at.router({
  imports,
  importReports: at.importReports.handler(({ context, input: { project, ...page } }) => pageImportReports(context.projects.get(project).store, page)),
  page: at.page.handler(({ context, input: { project, ...wanted } }) => pageTrajectories(context.projects.get(project), wanted)),
  facets: at.facets.handler(({ context, input }) => context.projects.get(input.project).queries().facets(input.filter)),
  ids: at.ids.handler(({ context, input: { project, ...query } }) => listIds(context.projects.get(project), query)),
  states: at.states.handler(({ context, input }) => trajectoryStates(context.projects.get(input.project), input.ids)),
  open: at.open.handler(({ context, input }) => openTrajectory(context.projects.get(input.project), input.id)),
  correct: at.correct.handler(async ({ context, input: { project: folder, ...edit } }) => {
    const project = context.projects.get(folder)
    const entry = await journalStep(project, { type: 'edit', edit: { ...edit, ...author(context) } })
    tell(context, project)
    // An edit has an entry.
    return { entry: entry!, ...journalState(project) }
  }),
  undo: at.undo.handler(({ context, input: { project, entry } }) =>
    turn(context, project, { type: 'undo', by: { ...author(context), wanted: entry } }),
  ),
  redo: at.redo.handler(({ context, input: { project, entry } }) =>
    turn(context, project, { type: 'redo', by: { ...author(context), wanted: entry } }),
  ),
  journalState: at.journalState.handler(({ context, input }) => journalState(context.projects.get(input.project))),
  journal: at.journal.handler(({ context, input: { project, ...page } }) => journalPage(context.projects.get(project), page)),
  mask: at.mask.handler(({ context, input: { project, ...wanted }, signal }) =>
    context.masks.view(context.projects.get(project), wanted, signal),
  ),
})

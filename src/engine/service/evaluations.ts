// Handlers of the evaluations surface.
import { compareEvaluations, discardEvaluation, listEvaluations, readEpisodes, readEvaluation, shownEpisode, suiteInfos } from '../evaluation/index.ts'
import { os } from './base.ts'
import { requireNobodyAtWork, threadsOf } from './evaluationDesk.ts'
import { ladders } from './ladders.ts'
import type { World } from './world.ts'

const folderOf = ({ projects }: World, project: string): string => projects.get(project).folder

/** Works at an evaluation as a job of the project that bears its id. */
function begin(context: World, folder: string, { id, sideBySide }: { id: string; sideBySide?: number | undefined }): { id: string } {
  requireNobodyAtWork(context, folder)
  const endpointOf = (provider: string) => context.providers.endpoint(provider)
  return {
    id: context.evaluations.start(folder, async (watch) => {
      // A student that chats would share its memory and its cores with the one that is measured.
      await context.voices.release()
      await context.engine.runEvaluation({ project: folder, id, endpointOf, sideBySide, threads: threadsOf(context), ...watch })
      // One that was cancelled is no report.
      watch.signal.throwIfAborted()
      return readEvaluation(folder, id)
    }, id),
  }
}

export const evaluations = os.evaluations.router({
  suites: os.evaluations.suites.handler(() => suiteInfos()),
  list: os.evaluations.list.handler(({ context, input }) => listEvaluations(folderOf(context, input.project))),
  read: os.evaluations.read.handler(({ context, input: { project, id } }) => {
    const folder = folderOf(context, project)
    return { evaluation: readEvaluation(folder, id), tasks: readEpisodes(folder, id).map(({ result }) => result) }
  }),
  episode: os.evaluations.episode.handler(({ context, input }) => shownEpisode(folderOf(context, input.project), input)),
  compare: os.evaluations.compare.handler(({ context, input }) => compareEvaluations(folderOf(context, input.project), input)),
  start: os.evaluations.start.handler(async ({ context, input: { project, wish } }) => {
    const folder = folderOf(context, project)
    requireNobodyAtWork(context, folder)
    const id = await context.engine.beginEvaluation({ project: folder, wish })
    return begin(context, folder, { id, sideBySide: wish.sideBySide })
  }),
  resume: os.evaluations.resume.handler(({ context, input: { project, id } }) => {
    const folder = folderOf(context, project)
    readEvaluation(folder, id)
    return begin(context, folder, { id })
  }),
  watch: os.evaluations.watch.handler(({ context, input, signal }) => context.evaluations.watch(folderOf(context, input.project), signal)),
  cancel: os.evaluations.cancel.handler(async ({ context, input }) => {
    await context.evaluations.cancel(folderOf(context, input.project), input.id)
    return {}
  }),
  dismiss: os.evaluations.dismiss.handler(({ context, input }) => {
    context.evaluations.dismiss(folderOf(context, input.project), input.id)
    return {}
  }),
  discard: os.evaluations.discard.handler(({ context, input }) => {
    discardEvaluation(folderOf(context, input.project), input.id)
    return {}
  }),
  ladders,
})

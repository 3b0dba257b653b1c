// Handlers of ladders, within the evaluations surface.
import type { z } from 'zod'
import type { teachingSchema } from '../../shared/contract/routes/ladders.ts'
import type { BudgetChange } from '../../shared/records/rollout.ts'
import { discardLadder, type LadderTeaching, listLadders, readLadder, reportOf } from '../evaluation/index.ts'
import { openedBy } from './asking.ts'
import { os } from './base.ts'
import { requireNobodyAtWork, threadsOf } from './evaluationDesk.ts'
import { teacherAgain } from './rollouts.ts'
import type { World } from './world.ts'

const folderOf = ({ projects }: World, project: string): string => projects.get(project).folder

/** Climbs as a job of the project that bears the ladder's id. `budget`: in place of its teacher's. */
function begin(context: World, folder: string, { id, budget }: { readonly id: string; readonly budget?: BudgetChange | undefined }): { id: string } {
  requireNobodyAtWork(context, folder)
  return {
    id: context.ladders.start(folder, async (watch) => {
      // A student that chats would share its memory and its cores with those that are trained and measured.
      await context.voices.release()
      const { ladder } = await context.engine.climbLadder({ project: folder, id, threads: threadsOf(context), budget, findTeacher: (kept) => teacherAgain(context, kept), ...watch })
      return ladder
    }, id),
  }
}

const opened = async (world: World, { teacher, ...how }: z.output<typeof teachingSchema>): Promise<LadderTeaching> =>
  ({ ...how, teacher: await openedBy(world, teacher), provider: teacher.type === 'endpoint' ? teacher.provider : null })

export const ladders = os.evaluations.ladders.router({
  list: os.evaluations.ladders.list.handler(({ context, input }) => listLadders(folderOf(context, input.project))),
  read: os.evaluations.ladders.read.handler(({ context, input: { project, id } }) => readLadder(folderOf(context, project), id)),
  forecast: os.evaluations.ladders.forecast.handler(async ({ context, input: { project, wish, teaching } }) =>
    context.engine.forecastLadder({ project: folderOf(context, project), wish, teaching: teaching && (await opened(context, teaching)) }),
  ),
  start: os.evaluations.ladders.start.handler(async ({ context, input: { project, wish, teaching } }) => {
    const folder = folderOf(context, project)
    requireNobodyAtWork(context, folder)
    return begin(context, folder, { id: await context.engine.beginLadder({ project: folder, wish, teaching: teaching && (await opened(context, teaching)) }) })
  }),
  resume: os.evaluations.ladders.resume.handler(({ context, input: { project, id, budget } }) => {
    const folder = folderOf(context, project)
    readLadder(folder, id)
    return begin(context, folder, { id, budget })
  }),
  watch: os.evaluations.ladders.watch.handler(({ context, input, signal }) => context.ladders.watch(folderOf(context, input.project), signal)),
  cancel: os.evaluations.ladders.cancel.handler(async ({ context, input }) => {
    await context.ladders.cancel(folderOf(context, input.project), input.id)
    return {}
  }),
  dismiss: os.evaluations.ladders.dismiss.handler(({ context, input }) => {
    context.ladders.dismiss(folderOf(context, input.project), input.id)
    return {}
  }),
  report: os.evaluations.ladders.report.handler(({ context, input: { project, id } }) => {
    const { markdown, charts } = reportOf(readLadder(folderOf(context, project), id))
    return { markdown, charts: [...charts] }
  }),
  discard: os.evaluations.ladders.discard.handler(({ context, input: { project, id } }) => {
    const folder = folderOf(context, project)
    discardLadder(folder, id)
    return {}
  }),
})

// Handlers of the rollouts surface.
import type { z } from 'zod'
import type { wantedRolloutsSchema } from '../../shared/contract/routes/rollouts.ts'
import { RetortError } from '../../shared/errors.ts'
import type { RolloutTeacher } from '../../shared/records/rollout.ts'
import { shownTurns } from '../agent/index.ts'
import { type BatchRequest, listBatches, type OpenedBy, rolloutAt, rolloutPage } from '../teaching/index.ts'
import { openedBy } from './asking.ts'
import { os } from './base.ts'
import type { World } from './world.ts'

type Wanted = z.output<typeof wantedRolloutsSchema>

async function requestOf(world: World, { teacher: asked, ...wanted }: Wanted): Promise<BatchRequest> {
  const { style, steps, turnTokens, repeats, ...rest } = wanted
  return { ...rest, style, steps, turnTokens, repeats, teacher: await openedBy(world, asked), provider: asked.type === 'endpoint' ? asked.provider : null }
}

/** With the key that the keychain has now. A batch of the command line names no provider: one of the same address is taken. */
export async function teacherAgain({ providers }: World, kept: RolloutTeacher): Promise<OpenedBy> {
  if (kept.type !== 'endpoint') return kept
  const rows = await providers.list()
  const row = rows.find(({ id, baseUrl }) => (kept.provider === null ? baseUrl === kept.baseUrl : id === kept.provider))
  if (row?.baseUrl === kept.baseUrl && row.kind === kept.kind) return { type: 'endpoint', endpoint: await providers.endpoint(row.id), model: kept.model }
  throw new RetortError({
    code: 'no-such-provider', message: 'the provider of this teacher is not in the settings', found: row ? `${row.id} at ${row.baseUrl}` : 'none', expected: `one of ${kept.kind} at ${kept.baseUrl}`,
    advice: 'add it in the settings, then go on',
  })
}

const folderOf = ({ projects }: World, project: string): string => projects.get(project).folder

export const rollouts = os.rollouts.router({
  estimate: os.rollouts.estimate.handler(async ({ context, input, signal }) =>
    context.engine.estimateRollouts(await requestOf(context, input.rollouts), signal ?? new AbortController().signal),
  ),
  start: os.rollouts.start.handler(async ({ context, input }) => {
    const folder = folderOf(context, input.project)
    context.rollouts.requireFree(folder)
    const request = await requestOf(context, input.rollouts)
    return { id: context.rollouts.start(folder, (watch) => context.engine.makeRollouts({ project: folder, request, watch }).finally(() => tellOf(context, folder))) }
  }),
  resume: os.rollouts.resume.handler(({ context, input }) => {
    const folder = folderOf(context, input.project)
    const { batch, budget } = input
    const find = (kept: RolloutTeacher): Promise<OpenedBy> => teacherAgain(context, kept)
    return { id: context.rollouts.start(folder, (watch) => context.engine.resumeRollouts({ project: folder, batch, budget, find, watch }).finally(() => tellOf(context, folder))) }
  }),
  watch: os.rollouts.watch.handler(({ context, input, signal }) => context.rollouts.watch(folderOf(context, input.project), signal)),
  cancel: os.rollouts.cancel.handler(async ({ context, input }) => {
    await context.rollouts.cancel(folderOf(context, input.project), input.id)
    return {}
  }),
  dismiss: os.rollouts.dismiss.handler(({ context, input }) => {
    context.rollouts.dismiss(folderOf(context, input.project), input.id)
    return {}
  }),
  list: os.rollouts.list.handler(({ context, input }) => listBatches(folderOf(context, input.project))),
  episodes: os.rollouts.episodes.handler(({ context, input }) => rolloutPage(folderOf(context, input.project), input)),
  episode: os.rollouts.episode.handler(({ context, input }) => {
    const { events, ...rest } = rolloutAt(folderOf(context, input.project), input)
    return { ...rest, turns: shownTurns(events) }
  }),
})

/** Trajectories may have come. */
const tellOf = ({ changed }: World, project: string): void => changed.send({ type: 'trajectories', project })

// Handlers of the asking surface: a teacher at a step of a trajectory.
import type { z } from 'zod'
import type { wantedRolloutTeacherSchema } from '../../shared/contract/routes/rollouts.ts'
import { acceptContinuation, expertPlace, listPreferences, type OpenedBy, shownAsked } from '../teaching/index.ts'
import { os } from './base.ts'
import type { World } from './world.ts'

/** Who is asked, with the key that the keychain has. Throws RetortError `no-such-provider`. */
export async function openedBy({ providers }: World, teacher: z.output<typeof wantedRolloutTeacherSchema>): Promise<OpenedBy> {
  return teacher.type === 'endpoint' ? { type: 'endpoint', endpoint: await providers.endpoint(teacher.provider), model: teacher.model } : teacher
}

export const asking = os.asking.router({
  estimate: os.asking.estimate.handler(async ({ context, input: { project, id, teacher, settings } }) =>
    context.engine.estimateAsk({ project: context.projects.get(project).folder, trajectory: id, teacher: await openedBy(context, teacher), settings }),
  ),
  ask: os.asking.ask.handler(async function* ({ context, input: { project, id, teacher, settings }, signal }) {
    const { folder } = context.projects.get(project)
    // Leaving the stream ends the generator; the signal also ends what it is waiting for.
    const left = new AbortController()
    const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal
    try {
      yield* context.engine.askTeacher({ project: folder, trajectory: id, teacher: await openedBy(context, teacher), settings, signal: stop })
    } finally {
      left.abort()
    }
  }),
  expert: os.asking.expert.handler(({ context, input }) => ({ expert: expertPlace(context.projects.get(input.project), input.id) })),
  list: os.asking.list.handler(({ context, input }) => shownAsked(context.projects.get(input.project), input.id)),
  accept: os.asking.accept.handler(async ({ context, input: { project, asked, continuation } }) => {
    const opened = context.projects.get(project)
    const accepted = await acceptContinuation(opened, { asked, continuation, author: context.settings.get().author })
    context.changed.send({ type: 'trajectories', project: opened.folder })
    return accepted
  }),
  preferences: os.asking.preferences.handler(({ context, input }) => listPreferences(context.projects.get(input.project))),
})

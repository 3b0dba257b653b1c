// Surface: asking a teacher at a step: what it would cost, the continuations as they come, and one of them accepted.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { listedPreferenceSchema } from '../../records/preference.ts'
import { acceptedSchema, askEstimateSchema, askEventSchema, askSettingsSchema, expertPlaceSchema, shownAskedSchema } from '../asking.ts'
import { inProject, route } from './base.ts'
import { wantedRolloutTeacherSchema } from './rollouts.ts'

const question = inProject.extend({ id: z.string(), teacher: wantedRolloutTeacherSchema, settings: askSettingsSchema })

export const askingRoutes = {
  /** Before anything is sent. RETORT `no-step` for one that the trajectory has not. */
  estimate: route.input(question).output(askEstimateSchema),
  /** The continuations as they come, then what was kept of the asking. Leaving early stops it; what has come by then is kept, for `list`. */
  ask: route.input(question).output(eventIterator(askEventSchema)),
  /** The suite whose expert can be asked about the trajectory; null: it is of none that is known. */
  expert: route.input(inProject.extend({ id: z.string() })).output(z.object({ expert: expertPlaceSchema.nullable() })),
  /** Askings of a trajectory, newest first. */
  list: route.input(inProject.extend({ id: z.string() })).output(z.array(shownAskedSchema)),
  /**
   * Puts a continuation in the place of the step: the correction, the mark of the first error, and the preference. RETORT
   * `trajectory-changed` when the step or what is before it is not as it was when it was asked, `not-acceptable` for a continuation
   * that cannot take the place, says the very same as the step, or is of an asking of which one is accepted.
   */
  accept: route.input(inProject.extend({ asked: z.string(), continuation: z.int().min(0) })).output(acceptedSchema),
  /** Preferences in force, oldest first; pairs that say the very same are one. */
  preferences: route.input(inProject).output(z.array(listedPreferenceSchema)),
}

// Surface: projects: folders that are opened, made, or the sample.
import { z } from 'zod'
import { damagedRecordsSchema } from '../damaged.ts'
import { inProject, nothing, route } from './base.ts'

export const projectInfoSchema = z.object({
  folder: z.string(),
  name: z.string(),
  trajectories: z.int(),
  corrected: z.int(),
  /** Trajectories with spans that no rule matched. */
  guessed: z.int(),
  runs: z.int(),
  sample: z.boolean(),
})
export type ProjectInfo = z.infer<typeof projectInfoSchema>

export const projectRoutes = {
  /** Opens a project and remembers it as the one that is open. */
  open: route
    .input(z.object({ folder: z.string().min(1), create: z.boolean() }))
    .output(projectInfoSchema),
  /** The sample project with real trajectories; made at the first call. */
  sample: route.input(nothing).output(projectInfoSchema),
  info: route.input(inProject).output(projectInfoSchema),
  /** Evaluations, ladders and batches of rollouts that are in no list, because they cannot be read. */
  damaged: route.input(inProject).output(damagedRecordsSchema),
}

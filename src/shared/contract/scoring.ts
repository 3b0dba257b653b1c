// Surface: how likely a student finds recorded trajectories (`retort score`).
import { z } from 'zod'
import { tokenPartSchema } from '../records/example.ts'
import { byTokenKind, nllSchema } from './counts.ts'

export const scoreEngineSchema = z.enum(['llama', 'trainer'])
export type ScoreEngine = z.infer<typeof scoreEngineSchema>
export const scoreSplitSchema = z.enum(['heldout', 'all'])
export type ScoreSplit = z.infer<typeof scoreSplitSchema>

/** `nll` and `tokens` are over the agent's tokens and the ends of its turns; `observe` stands in `byKind` for reference. */
const figures = nllSchema.extend({ byKind: byTokenKind(nllSchema), byPart: z.partialRecord(tokenPartSchema, nllSchema) })

export const scoreReportSchema = figures.extend({
  student: z.string(),
  adapter: z.string().nullable(),
  engine: scoreEngineSchema,
  split: scoreSplitSchema,
  /** Share of tasks that counted as held out. */
  heldout: z.number(),
  trajectories: z.array(figures.extend({ id: z.string() })),
  /** Trajectories that were not scored, and why. */
  left: z.array(z.object({ id: z.string(), reason: z.string() })),
})
export type ScoreReport = z.infer<typeof scoreReportSchema>

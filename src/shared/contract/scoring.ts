// Surface: how likely a student finds recorded trajectories (`retort score`).
import { z } from 'zod'
import { byTokenKind, nllSchema } from './counts.ts'

export const scoreEngineSchema = z.enum(['llama', 'trainer'])
export const scoreSplitSchema = z.enum(['heldout', 'all'])

export const scoreReportSchema = z.object({
  engine: scoreEngineSchema,
  split: scoreSplitSchema,
  byKind: byTokenKind(nllSchema),
  trajectories: z.array(nllSchema.extend({ id: z.string(), byKind: byTokenKind(nllSchema) })),
})
export type ScoreReport = z.infer<typeof scoreReportSchema>

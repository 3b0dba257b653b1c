// A correction: one change laid over an imported trajectory. The original is never altered.
import { z } from 'zod'
import { rangeSchema } from './trajectory.ts'
import { spanSchema } from './span.ts'

/** `stale`: it follows from a step that was replaced, on an observation of the old one: no recipe trains it. */
export const stepLabelSchema = z.enum(['good', 'unnecessary', 'mistake', 'recover', 'stale'])
export type StepLabel = z.infer<typeof stepLabelSchema>

/** What a reviewer decided; 'rejected' trajectories are never trained on. */
export const reviewStateSchema = z.enum(['new', 'accepted', 'rejected'])
export type ReviewState = z.infer<typeof reviewStateSchema>

export const correctionChangeSchema = z.discriminatedUnion('type', [
  /** Replace `range` of the turn's text (as corrected so far) by `insert`; spans follow. */
  z.object({ type: z.literal('text'), turn: z.int().min(0), range: rangeSchema, insert: z.string() }),
  /** Replace all spans of the turn. */
  z.object({ type: z.literal('spans'), turn: z.int().min(0), spans: z.array(spanSchema) }),
  /** Label an agent turn as a step; null removes the label. */
  z.object({ type: z.literal('label'), turn: z.int().min(0), label: stepLabelSchema.nullable() }),
  /** Of the whole trajectory: what the reviewer decided, its tags (all of them), its note. */
  z.object({ type: z.literal('review'), state: reviewStateSchema }),
  z.object({ type: z.literal('tags'), tags: z.array(z.string().min(1).max(60)).max(100) }),
  z.object({ type: z.literal('note'), text: z.string().max(10_000) }),
])
export type CorrectionChange = z.infer<typeof correctionChangeSchema>

/** A change of a trajectory's marks: what the reviewer thinks of it, not what it says. */
export const isMark = ({ type }: CorrectionChange): boolean => type === 'review' || type === 'tags' || type === 'note'

export const correctionSchema = z.object({
  id: z.int(),
  trajectoryId: z.string(),
  change: correctionChangeSchema,
  reason: z.string(),
  author: z.string(),
  /** ISO 8601. */
  at: z.string(),
})
export type Correction = z.infer<typeof correctionSchema>

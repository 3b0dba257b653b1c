// A span: a range of a turn's text with its kind. Spans of a turn never overlap and cover it completely.
import { z } from 'zod'
import { rangeSchema } from './trajectory.ts'

/** Agent text is reason, act or final; environment text is observe; all other text is context. */
export const spanKindSchema = z.enum(['reason', 'act', 'final', 'observe', 'context'])
export type SpanKind = z.infer<typeof spanKindSchema>

export const spanSchema = rangeSchema.extend({
  kind: spanKindSchema,
  /** Name of the rule that set the kind; 'guessed' when none matched, 'hand' when a person set it. */
  rule: z.string(),
  /** act and final spans whose command was parsed: where its name and its argument text stand. */
  call: z.object({ name: rangeSchema, argument: rangeSchema }).optional(),
})
export type Span = z.infer<typeof spanSchema>

export const GUESSED = 'guessed'
export const BY_HAND = 'hand'

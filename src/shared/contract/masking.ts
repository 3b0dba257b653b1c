// Surface: the student's tokens of a trajectory with their loss weights (`retort mask`).
import { z } from 'zod'
import { tokenKindSchema } from '../records/example.ts'
import { byTokenKind } from './counts.ts'

export const maskedTokenSchema = z.object({
  id: z.int().min(0),
  /** The token's own bytes as text; bytes that are no whole character alone become U+FFFD. */
  text: z.string(),
  kind: tokenKindSchema,
  /** 0-based agent step; -1 before the first agent turn. */
  step: z.int(),
  ce: z.number(),
  kl: z.number(),
})

export const maskViewSchema = z.object({
  /** The recipe and what its losses are. */
  recipe: z.string(),
  tokens: z.array(maskedTokenSchema),
  /** Examples one after the other in `tokens`: one, or one an agent turn where the template rewrites earlier turns. */
  examples: z.array(z.object({ id: z.string(), tokens: z.int() })),
  /** Tokens by kind; together all tokens. */
  counts: byTokenKind(z.int().min(0)),
  /** Tokens with a loss weight. */
  trained: z.int().min(0),
  /** Tokens whose characters belong to two spans. */
  straddling: z.int().min(0),
})
export type MaskView = z.infer<typeof maskViewSchema>

// A masked example: a trajectory as the student's tokens, each with its kind, step and loss weights.
import { z } from 'zod'
import { spanKindSchema } from './span.ts'

/** A token's kind: that of its span, or `end` for the template tokens that close an agent turn. */
export const tokenKindSchema = z.enum([...spanKindSchema.options, 'end'])
export type TokenKind = z.infer<typeof tokenKindSchema>

/** Finer division for measuring: words of thought, markup such as `Action:` and brackets, the action's name, its argument, the final answer. */
export const tokenPartSchema = z.enum(['thought', 'scaffold', 'name', 'argument', 'answer', 'end', 'none'])
export type TokenPart = z.infer<typeof tokenPartSchema>

export const maskedExampleSchema = z.object({
  /** Trajectory id; `id#turn` where the template makes one example a supervised turn. */
  id: z.string(),
  trajectoryId: z.string(),
  ids: z.array(z.int().min(0)),
  kinds: z.array(tokenKindSchema),
  parts: z.array(tokenPartSchema),
  /** 0-based agent step of each token; -1 before the first agent turn. */
  steps: z.array(z.int()),
  /** Weight of each token as a target (index i weighs the prediction of ids[i] from ids[0..i)). ce[0] and kl[0] are 0. */
  ce: z.array(z.number()),
  kl: z.array(z.number()),
  /** Index of the first token that no earlier example of the trajectory holds: figures over several count from here. */
  own: z.int().min(0).default(0),
  /** Tokens whose characters belong to two spans. */
  straddling: z.int(),
})
export type MaskedExample = z.infer<typeof maskedExampleSchema>

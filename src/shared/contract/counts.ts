// Pieces that several surfaces share: numbers by kind of span or token.
import { z } from 'zod'
import { tokenKindSchema } from '../records/example.ts'

/** A figure for each token kind that occurs. */
export const byTokenKind = <Figure extends z.ZodType>(figure: Figure) => z.partialRecord(tokenKindSchema, figure)

/** Mean negative log-likelihood in nats a token, and over how many tokens. */
export const nllSchema = z.object({ nll: z.number(), tokens: z.int().min(0) })
export type Nll = z.infer<typeof nllSchema>

// How whoever works at a task is asked.
import { z } from 'zod'

/** As an agent with the suite's tools; for a chain of thought without any; the same behind passages that were looked up. */
export const promptingSchema = z.enum(['agent', 'cot', 'cot+retrieval'])
export type Prompting = z.infer<typeof promptingSchema>

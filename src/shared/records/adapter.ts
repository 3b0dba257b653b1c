// An adapter: LoRA matrices for a student, where they lie and which run made them.
import { z } from 'zod'

export const adapterSchema = z.object({
  id: z.string(),
  runId: z.string().nullable(),
  /** Path of the llama.cpp LoRA GGUF, relative to the project folder. */
  path: z.string(),
  studentSha256: z.string(),
  rank: z.int(),
  alpha: z.number(),
  /** Optimiser steps behind it. */
  step: z.int(),
  createdAt: z.string(),
})
export type Adapter = z.infer<typeof adapterSchema>

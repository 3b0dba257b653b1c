// Surface: records of a project that cannot be read: they are listed with the reason, in place of what they would say.
import { z } from 'zod'

export const damagedSchema = z.object({
  id: z.string(),
  /** In one line: what is wrong, and where. */
  problem: z.string(),
})
export type Damaged = z.infer<typeof damagedSchema>

export const damagedRecordsSchema = z.object({ evaluations: z.array(damagedSchema), ladders: z.array(damagedSchema), batches: z.array(damagedSchema) })
export type DamagedRecords = z.infer<typeof damagedRecordsSchema>

// Surface: is this machine and this installation fit for work (`retort doctor`).
import { z } from 'zod'
import { providersReportSchema } from './providers.ts'

export const doctorCheckSchema = z.object({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  found: z.string(),
  /** What to do, where the status is not ok. */
  advice: z.string().optional(),
})
export type DoctorCheck = z.infer<typeof doctorCheckSchema>

export const doctorReportSchema = z.object({ ok: z.boolean(), checks: z.array(doctorCheckSchema), providers: providersReportSchema })
export type DoctorReport = z.infer<typeof doctorReportSchema>

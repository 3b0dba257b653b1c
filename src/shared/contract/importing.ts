// Surface: bringing trajectories into a project (`retort import`).
import { z } from 'zod'

export const importedFileSchema = z.object({
  path: z.string(),
  /** Name of the importer that recognised the content; null when none did, and then `reason` says why. */
  format: z.string().nullable(),
  reason: z.string().optional(),
  kept: z.int().min(0),
  /** Records whose content the project already holds. */
  duplicates: z.int().min(0),
  /** `index`: 0-based place of the record in the file. */
  rejected: z.array(z.object({ index: z.int().min(0), reason: z.string() })),
})
export type ImportedFile = z.infer<typeof importedFileSchema>

export const importReportSchema = z.object({
  kept: z.int().min(0),
  duplicates: z.int().min(0),
  files: z.array(importedFileSchema),
})
export type ImportReport = z.infer<typeof importReportSchema>

// A dataset revision: exactly what a run was trained on, addressed by its content.
import { z } from 'zod'

export const datasetRevisionSchema = z.object({
  /** sha256 (hex) of `members` in order of trajectory id. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  members: z.array(
    z.object({
      trajectoryId: z.string(),
      taskId: z.string(),
      /** sha256 of the trajectory as corrected (texts, spans, labels) when the revision was made. */
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      split: z.enum(['train', 'heldout']),
    }),
  ),
})
export type DatasetRevision = z.infer<typeof datasetRevisionSchema>

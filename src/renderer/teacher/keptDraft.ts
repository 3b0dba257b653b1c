// The form of a new batch, kept while another screen is shown or the page is loaded again.
import type { Memory } from '../train/settingsModel.ts'
import { type BatchDraft, batchDraftSchema } from './batchModel.ts'

const NAME = 'retort-teacher'

export const keepDraft = (memory: Memory, draft: BatchDraft): void => memory.setItem(NAME, JSON.stringify(draft))

/** null where there is none, or none of this version. */
export function keptDraft(memory: Memory): BatchDraft | null {
  try {
    return batchDraftSchema.safeParse(JSON.parse(memory.getItem(NAME) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

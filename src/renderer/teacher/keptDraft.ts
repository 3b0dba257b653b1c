// A form, kept while another screen is shown or the page is loaded again.
import type { ZodType } from 'zod'
import type { Memory } from '../train/settingsModel.ts'

export type DraftKeeper<Draft> = {
  keep(memory: Memory, draft: Draft): void
  /** null where there is none, or none of this version. */
  kept(memory: Memory): Draft | null
}

export const draftKeeper = <Draft>(name: string, schema: ZodType<Draft>): DraftKeeper<Draft> => ({
  keep: (memory, draft) => memory.setItem(name, JSON.stringify(draft)),
  kept(memory) {
    try {
      return schema.safeParse(JSON.parse(memory.getItem(name) ?? 'null')).data ?? null
    } catch {
      return null
    }
  },
})

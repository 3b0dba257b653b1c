// The plan on the desk, kept while another screen is shown or the page is loaded again.
import { z } from 'zod'
import { planSchema } from '../../shared/records/plan.ts'
import type { Memory } from '../train/settingsModel.ts'

/** `id`, `revision`: the file that it was loaded from or saved in; null: none yet. */
const deskSchema = z.object({ plan: planSchema, saved: planSchema.nullable(), id: z.string().nullable(), revision: z.string().nullable() })
type Desk = z.infer<typeof deskSchema>

const nameOf = (folder: string): string => `retort-curriculum:${folder}`

export const keepDesk = (memory: Memory, folder: string, desk: Desk): void => memory.setItem(nameOf(folder), JSON.stringify(desk))

/** null where there is none, or none of this version. */
export function keptDesk(memory: Memory, folder: string): Desk | null {
  try {
    return deskSchema.safeParse(JSON.parse(memory.getItem(nameOf(folder)) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

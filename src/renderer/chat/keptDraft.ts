// A conversation that nothing has been asked in: who answers and what they are told, kept when the page is left.
import { type Conversation, conversationSchema } from '../../shared/contract/routes/chat.ts'
import type { Memory } from '../train/settingsModel.ts'

const nameOf = (project: string): string => `retort-chat:${project}`

export const keepDraft = (memory: Memory, project: string, draft: Conversation): void => memory.setItem(nameOf(project), JSON.stringify(draft))

/** From now on the conversation of the project that was written last is the one to go on with. */
export const dropDraft = (memory: Memory, project: string): void => memory.setItem(nameOf(project), 'null')

/** null where there is none, or none of this version. */
export function keptDraft(memory: Memory, project: string): Conversation | null {
  try {
    return conversationSchema.safeParse(JSON.parse(memory.getItem(nameOf(project)) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

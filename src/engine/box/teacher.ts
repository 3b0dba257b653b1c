// Who writes a box's tools: the script of the Game of 24, or a teacher that is paid for once, its journal beside the box.
import type { ChatModel } from '../../core/agent/index.ts'
import { scriptedToolmaker } from '../../core/box/index.ts'
import type { Usage } from '../../shared/records/rollout.ts'
import { type OpenedBy, openMeteredTeacher, type TeacherTerms } from '../teaching/index.ts'

export type BoxTeacher = { readonly type: 'scripted' } | (Exclude<OpenedBy, { type: 'expert' }> & { readonly terms: TeacherTerms })

export type OpenBoxTeacher = {
  readonly model: ChatModel
  readonly ended: AbortSignal
  /** null: nobody is paid. */
  readonly usage: () => Usage | null
  /** Folder of what it has said; null: nothing is kept of a script. */
  readonly journal: string | null
  readonly dispose: () => Promise<void>
}

/** What is asked for the box at this folder, whatever becomes of the box. */
const journalFolder = (box: string): string => `${box.replace(/[/\\]+$/, '')}.teacher`

/** Throws as `openMeteredTeacher` does. */
export async function openBoxTeacher(teacher: BoxTeacher, { box, onNotice, signal }: { box: string; onNotice: (text: string) => void; signal: AbortSignal }): Promise<OpenBoxTeacher> {
  if (teacher.type === 'scripted') {
    return { model: scriptedToolmaker(), ended: new AbortController().signal, usage: () => null, journal: null, dispose: async () => undefined }
  }
  const { terms, ...who } = teacher
  const journal = journalFolder(box)
  return { ...(await openMeteredTeacher({ teacher: who, terms, folder: journal, onNotice, signal })), journal }
}

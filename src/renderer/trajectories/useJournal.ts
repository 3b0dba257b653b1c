// Undo and redo of the project, and changes made through it: each says what it did.
import { useToast } from '@nuxt/ui/composables'
import type { Api } from '../../shared/contract/api.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import type { Correcting } from './bulk.ts'

export type Journal = {
  readonly correct: Action<[title: string, changes: Correcting[]], Awaited<ReturnType<Api['trajectories']['correct']>>>
  /** `entry`: the one that is meant; left out: what this page saw last. */
  readonly undo: Action<[entry?: number], void>
  readonly redo: Action<[], void>
}

/** `project`: the folder that is open when it is called. */
export function useJournal(project: () => string): Journal {
  const api = useApi()
  const { journal } = useSession()
  const toast = useToast()
  const { text, t } = useText()
  const say = (title: string): void => void toast.add({ title, icon: 'i-lucide-history', duration: 4000 })
  const turning = (direction: 'undo' | 'redo', words: { none: string; done: string }) =>
    useAction(async (wanted?: number) => {
      const { entry } = await journal.turn(direction, { project: project(), ...(wanted === undefined ? {} : { entry: wanted }) })
      say(entry === null ? words.none : t(words.done, { title: entry.title }))
    })
  const undo = turning('undo', { none: text.trajectories.nothingToUndo, done: 'trajectories.undone' })
  const redo = turning('redo', { none: text.trajectories.nothingToRedo, done: 'trajectories.redone' })
  const correct = useAction(async (title: string, changes: Correcting[]) => {
    const folder = project()
    const answer = await api.trajectories.correct({ project: folder, title, reason: '', changes })
    journal.take(folder, answer)
    toast.add({
      title: t('trajectories.applied', { title }),
      icon: 'i-lucide-check',
      color: 'success',
      actions: [{ label: text.trajectories.undo, color: 'neutral', variant: 'outline', onClick: () => void undo.run(answer.entry.id) }],
    })
    return answer
  })
  return { correct, undo, redo }
}

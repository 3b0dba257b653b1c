// The project's exports of this session: begun, followed, given up, put away. They go on without this page.
import { useToast } from '@nuxt/ui/composables'
import { shallowRef, watch, type ShallowRef } from 'vue'
import type { ExportJob } from '../../shared/contract/exporting.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useStream } from '../composables/useStream.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import { finishedSince } from './exportModel.ts'

export type Exports = {
  /** Oldest first. */
  readonly jobs: ShallowRef<readonly ExportJob[]>
  readonly cancel: Action<[id: string], void>
  readonly dismiss: Action<[id: string], void>
}

export function useExports(): Exports {
  const api = useApi()
  const toast = useToast()
  const { text } = useText()
  const { folder } = useSession()
  const jobs = shallowRef<readonly ExportJob[]>([])
  const named = (id: string): { project: string; id: string } => ({ project: folder.value ?? '', id })
  watch(folder, () => (jobs.value = []))
  useStream({
    question: () => folder.value,
    open: (signal) => (folder.value === null ? null : api.runs.exporting.watch({ project: folder.value }, { signal })),
    onEvent: ({ jobs: now }) => {
      // Where it lies may be out of sight.
      for (const { to, path } of finishedSince(jobs.value, now)) toast.add({ title: text.exports.forms[to].name, description: path, icon: 'i-lucide-check', color: 'success' })
      jobs.value = now
    },
  })
  return {
    jobs,
    cancel: useAction(async (id) => void (await api.runs.exporting.cancel(named(id)))),
    dismiss: useAction(async (id) => void (await api.runs.exporting.dismiss(named(id)))),
  }
}

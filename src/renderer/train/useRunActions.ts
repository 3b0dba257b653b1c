// What a user does with a run: each through the engine, with its failure shown.
import { useToast } from '@nuxt/ui/composables'
import { shallowRef, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'
import type { RunRow } from '../../shared/contract/routes/runs.ts'
import type { ExportReport, ExportTarget } from '../../shared/contract/exporting.ts'
import { useApi } from '../bridge/index.ts'
import { usePicker } from '../components/picker.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'

export type RunActions = {
  readonly pause: Action<[], RunRow>
  readonly unpause: Action<[], RunRow>
  readonly stop: Action<[], RunRow>
  /** `student`: where its file lies now. */
  readonly resume: Action<[student?: string], RunRow>
  /** Asks for the student's file, then goes on with it. */
  readonly resumeWith: Action<[title: string], RunRow | null>
  readonly discard: Action<[], void>
  readonly exportTo: Action<[to: ExportTarget], void>
  /** What was exported last. */
  readonly exported: ShallowRef<ExportReport | null>
  readonly chat: (row: RunRow) => void
}

export function useRunActions(run: () => string): RunActions {
  const api = useApi()
  const router = useRouter()
  const picker = usePicker()
  const toast = useToast()
  const { text } = useText()
  const { folder } = useSession()
  const named = (): { project: string; run: string } => ({ project: folder.value ?? '', run: run() })
  const resume = useAction((student?: string) => api.runs.resume({ ...named(), ...(student === undefined ? {} : { student }) }), { quiet: true })
  const exported: RunActions['exported'] = shallowRef(null)
  return {
    exported,
    pause: useAction(() => api.runs.pause(named())),
    unpause: useAction(() => api.runs.unpause(named())),
    stop: useAction(() => api.runs.stop(named())),
    resume,
    resumeWith: useAction(async (title: string) => {
      const [student] = await picker.pick({ title, kind: 'file', extensions: ['gguf'] })
      return student === undefined ? null : resume.run(student)
    }),
    discard: useAction(async () => {
      await api.runs.discard(named())
      await router.push({ name: 'train' })
    }),
    exportTo: useAction(async (to: ExportTarget) => {
      const report = await api.runs.export({ ...named(), to })
      exported.value = report
      // The note stands at the top of the pane, which may be out of sight.
      toast.add({ title: text.train.exports[to].name, description: report.path, icon: 'i-lucide-check', color: 'success' })
    }),
    chat: ({ adapter, student }) => void router.push({ name: 'chat', query: { adapter, student: student.path, run: run() } }),
  }
}

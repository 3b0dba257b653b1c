// What a user does with a run: each through the engine, with its failure shown.
import { useRouter } from 'vue-router'
import type { RunRow } from '../../shared/contract/routes/runs.ts'
import type { Which } from '../../shared/contract/training.ts'
import type { ExportTarget, MergedType } from '../../shared/contract/exporting.ts'
import { useApi } from '../bridge/index.ts'
import { usePicker } from '../components/picker.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useSession } from '../session/session.ts'

export type WantedExport = { readonly to: ExportTarget; readonly type?: MergedType; readonly which?: Which; readonly student?: string }

export type RunActions = {
  readonly pause: Action<[], RunRow>
  readonly unpause: Action<[], RunRow>
  readonly stop: Action<[], RunRow>
  /** `student`: where its file lies now. */
  readonly resume: Action<[student?: string], RunRow>
  /** Asks for the student's file, then goes on with it. */
  readonly resumeWith: Action<[title: string], RunRow | null>
  readonly discard: Action<[], void>
  /** Begins it: `useExports` follows. */
  readonly exportTo: Action<[wanted: WantedExport], void>
  readonly chat: (row: RunRow) => void
}

export function useRunActions(run: () => string): RunActions {
  const api = useApi()
  const router = useRouter()
  const picker = usePicker()
  const { folder } = useSession()
  const named = (): { project: string; run: string } => ({ project: folder.value ?? '', run: run() })
  const resume = useAction((student?: string) => api.runs.resume({ ...named(), ...(student === undefined ? {} : { student }) }), { quiet: true })
  return {
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
    exportTo: useAction(async (wanted: WantedExport) => void (await api.runs.exporting.start({ ...named(), ...wanted }))),
    chat: ({ adapter, student }) => void router.push({ name: 'chat', query: { adapter, student: student.path, run: run() } }),
  }
}

// The files of distributions of the project, and the one that is being made: it goes on without this page.
import { shallowRef, type ShallowRef } from 'vue'
import type { Api } from '../../shared/contract/api.ts'
import type { TeacherFile, TeachJob } from '../../shared/contract/teaching.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useStream } from '../composables/useStream.ts'
import { useSession } from '../session/session.ts'

export type WantedTeaching = Omit<Parameters<Api['teachers']['start']>[0], 'project'>

export type Teaching = {
  /** Newest first. */
  readonly files: Query<TeacherFile[]>
  readonly job: ShallowRef<TeachJob | null>
  readonly start: Action<[wanted: WantedTeaching], void>
  readonly cancel: Action<[], void>
  readonly dismiss: Action<[], void>
}

/** `onMade`: a file that this page had begun is there. */
export function useTeaching(onMade: (path: string) => void): Teaching {
  const api = useApi()
  const { folder } = useSession()
  const project = (): string => folder.value ?? ''
  const job: Teaching['job'] = shallowRef(null)
  let begun: string | null = null
  const files = useQuery(
    () => folder.value,
    (signal) => (folder.value === null ? null : api.teachers.list({ project: folder.value }, { signal })),
  )
  const take = (next: TeachJob | null): void => {
    const ended = next?.state.type === 'done' && job.value?.state.type !== 'done'
    job.value = next
    if (!ended || next.state.type !== 'done') return
    void files.refresh()
    if (next.id === begun) onMade(next.state.report.path)
  }
  useStream({
    question: () => folder.value,
    open: (signal) => (folder.value === null ? null : api.teachers.watch({ project: folder.value }, { signal })),
    onEvent: (event) => take(event.job),
  })
  const withId = async (call: (id: string) => Promise<unknown>): Promise<void> => {
    if (job.value) await call(job.value.id)
    await files.refresh()
  }
  return {
    files,
    job,
    start: useAction(
      async (wanted) => {
        begun = (await api.teachers.start({ project: project(), ...wanted })).id
        // It may have been made before the answer came.
        if (job.value?.id === begun && job.value.state.type === 'done') onMade(job.value.state.report.path)
      },
      { quiet: true },
    ),
    cancel: useAction(() => withId((id) => api.teachers.cancel({ project: project(), id }))),
    dismiss: useAction(() => withId((id) => api.teachers.dismiss({ project: project(), id }))),
  }
}

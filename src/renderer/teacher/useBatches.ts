// Batches of a teacher's episodes in the project, and the one that is made now: it goes on without this page.
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { RolloutJob, RolloutRow } from '../../shared/contract/rollouts.ts'
import type { WantedRollouts } from '../../shared/contract/routes/rollouts.ts'
import type { Budget } from '../../shared/records/rollout.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useStream } from '../composables/useStream.ts'
import { useSession } from '../session/session.ts'
import { batchOfJob, liveRow } from './batchModel.ts'

export type Batches = {
  readonly list: Query<RolloutRow[]>
  /** Newest first; the one at work as it is now. */
  readonly rows: ComputedRef<readonly RolloutRow[] | null>
  readonly job: ShallowRef<RolloutJob | null>
  readonly busy: ComputedRef<boolean>
  /** Of the job that failed, as far as this page has followed it: a job that fails does not say whose it was. */
  readonly failed: ComputedRef<string | null>
  readonly start: Action<[wanted: WantedRollouts], void>
  readonly resume: Action<[batch: string, budget: Budget], void>
  readonly cancel: Action<[], void>
  readonly dismiss: Action<[], void>
}

/** `onBegun`: a batch that this page had begun has its name now. */
export function useBatches(onBegun: (batch: string) => void): Batches {
  const { rollouts: api } = useApi()
  const { folder } = useSession()
  const job: Batches['job'] = shallowRef(null)
  let begun: string | null = null
  /** Batches by their jobs. */
  const known = shallowRef<Readonly<Record<string, string>>>({})
  const learn = (id: string, batch: string | null): void => {
    if (batch !== null && known.value[id] !== batch) known.value = { ...known.value, [id]: batch }
  }
  const list = useQuery(
    () => folder.value,
    (signal) => (folder.value === null ? null : api.list({ project: folder.value }, { signal })),
  )
  const tellBegun = (): void => {
    const batch = batchOfJob(job.value)
    if (begun === null || job.value?.id !== begun || batch === null) return
    begun = null
    onBegun(batch)
  }
  useStream({
    question: () => folder.value,
    open: (signal) => (folder.value === null ? null : api.watch({ project: folder.value }, { signal })),
    onEvent: (event) => {
      const before = job.value
      job.value = event.job
      if (event.job) learn(event.job.id, batchOfJob(event.job))
      const same = before?.id === event.job?.id && before?.state.type === event.job?.state.type && batchOfJob(before) === batchOfJob(event.job)
      if (!same) void list.refresh()
      tellBegun()
    },
  })
  const project = (): string => folder.value ?? ''
  const ending = (call: (of: { project: string; id: string }) => Promise<unknown>): Action<[], void> =>
    useAction(async () => {
      if (job.value) await call({ project: project(), id: job.value.id })
      await list.refresh()
    })
  return {
    list,
    job,
    rows: computed(() => list.data.value?.map((row) => liveRow(row, job.value)) ?? null),
    busy: computed(() => job.value?.state.type === 'running'),
    failed: computed(() => (job.value?.state.type === 'failed' ? (known.value[job.value.id] ?? null) : null)),
    start: useAction(
      async (wanted) => {
        begun = (await api.start({ project: project(), rollouts: wanted })).id
        // It may have its name before the answer came.
        tellBegun()
      },
      { quiet: true },
    ),
    resume: useAction(async (batch, budget) => learn((await api.resume({ project: project(), batch, budget })).id, batch), { quiet: true }),
    cancel: ending((of) => api.cancel(of)),
    dismiss: ending((of) => api.dismiss(of)),
  }
}

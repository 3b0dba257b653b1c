// Evaluations and ladders of the project, and what works now: it goes on without this page.
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { EvaluationJob, EvaluationWish, LadderJob } from '../../shared/contract/evaluating.ts'
import type { Evaluation } from '../../shared/records/evaluation.ts'
import type { Ladder } from '../../shared/records/ladder.ts'
import type { Budget } from '../../shared/records/rollout.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useStream } from '../composables/useStream.ts'
import { useSession } from '../session/session.ts'
import type { NewLadder } from './newLadderModel.ts'

/** A kind of work with its calls: evaluations and ladders have the same. */
type Work<Item, Job, Wish> = {
  /** Newest first; the one at work as it is now. */
  readonly rows: ComputedRef<readonly Item[] | null>
  readonly list: Query<Item[]>
  readonly job: ShallowRef<Job | null>
  readonly start: Action<[wish: Wish], { id: string }>
  /** `budget`: of a ladder's teacher, in place of its own. */
  readonly resume: Action<[id: string, budget?: Budget], { id: string }>
  readonly cancel: Action<[id: string], void>
  readonly dismiss: Action<[id: string], void>
  readonly discard: Action<[id: string], void>
}

export type Evaluations = {
  readonly evaluations: Work<Evaluation, EvaluationJob, EvaluationWish>
  readonly ladders: Work<Ladder, LadderJob, NewLadder>
  /** One of both is at work: another cannot begin. */
  readonly busy: ComputedRef<boolean>
}

/** What evaluations and ladders have in common on the contract. */
type Calls<Item, Job, Wish> = {
  list(project: string, signal: AbortSignal): Promise<Item[]>
  watch(project: string, signal: AbortSignal): Promise<AsyncIterable<{ job: Job | null }>>
  start(project: string, wish: Wish): Promise<{ id: string }>
  resume(of: { project: string; id: string; budget?: Budget }): Promise<{ id: string }>
  cancel(of: { project: string; id: string }): Promise<unknown>
  dismiss(of: { project: string; id: string }): Promise<unknown>
  discard(of: { project: string; id: string }): Promise<unknown>
}

type AnyJob<Item> = { readonly id: string; readonly state: { readonly type: string } } & { readonly now?: Item }

function useWork<Item extends { readonly id: string }, Job extends AnyJob<Item>, Wish>(calls: Calls<Item, Job, Wish>, now: (job: Job) => Item | null, resuming: { quiet?: true } = {}): Work<Item, Job, Wish> {
  const { folder } = useSession()
  const job: ShallowRef<Job | null> = shallowRef(null)
  const list = useQuery(
    () => folder.value,
    (signal) => (folder.value === null ? null : calls.list(folder.value, signal)),
  )
  useStream({
    question: () => folder.value,
    open: (signal) => (folder.value === null ? null : calls.watch(folder.value, signal)),
    onEvent: (event) => {
      const before = job.value
      job.value = event.job
      if (before?.id !== event.job?.id || before?.state.type !== event.job?.state.type) void list.refresh()
    },
  })
  const one = (id: string): { project: string; id: string } => ({ project: folder.value ?? '', id })
  const changing = (call: (of: { project: string; id: string }) => Promise<unknown>): Action<[string], void> =>
    useAction(async (id) => {
      await call(one(id))
      await list.refresh()
    })
  return {
    rows: computed(() => {
      const live = job.value && now(job.value)
      return list.data.value?.map((row) => (live?.id === row.id ? live : row)) ?? null
    }),
    list,
    job,
    start: useAction((wish) => calls.start(folder.value ?? '', wish), { quiet: true }),
    resume: useAction((id, budget) => calls.resume({ ...one(id), ...(budget && { budget }) }), resuming),
    cancel: changing((of) => calls.cancel(of)),
    dismiss: changing((of) => calls.dismiss(of)),
    discard: changing((of) => calls.discard(of)),
  }
}

export function useEvaluations(): Evaluations {
  const { evaluations: api } = useApi()
  const evaluations = useWork<Evaluation, EvaluationJob, EvaluationWish>(
    {
      list: (project, signal) => api.list({ project }, { signal }),
      watch: (project, signal) => api.watch({ project }, { signal }),
      start: (project, wish) => api.start({ project, wish }),
      resume: (of) => api.resume(of),
      cancel: (of) => api.cancel(of),
      dismiss: (of) => api.dismiss(of),
      discard: (of) => api.discard(of),
    },
    ({ state }) => (state.type === 'running' ? (state.progress?.evaluation ?? null) : state.type === 'done' ? state.report : null),
  )
  const ladders = useWork<Ladder, LadderJob, NewLadder>(
    {
      list: (project, signal) => api.ladders.list({ project }, { signal }),
      watch: (project, signal) => api.ladders.watch({ project }, { signal }),
      start: (project, wish) => api.ladders.start({ project, ...wish }),
      resume: (of) => api.ladders.resume(of),
      cancel: (of) => api.ladders.cancel(of),
      dismiss: (of) => api.ladders.dismiss(of),
      discard: (of) => api.ladders.discard(of),
    },
    ({ state }) => (state.type === 'running' ? (state.progress?.ladder ?? null) : state.type === 'done' ? state.report : null),
    // Its pane, or the dialog before it, says why it does not go on.
    { quiet: true },
  )
  const busy = computed(() => [evaluations.job.value, ladders.job.value].some((job) => job?.state.type === 'running'))
  return { evaluations, ladders, busy }
}

// The curation of the open project: its job, the newest result, what is set here, and what is done with it.
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useToast } from '@nuxt/ui/composables'
import { z } from 'zod'
import type { CurateJob, CurationApplied, CurationView, JudgeEstimate } from '../../shared/contract/curating.ts'
import { curationSettingsSchema, type CurationSettings } from '../../shared/records/curation.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useStream } from '../composables/useStream.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import { useJournal } from '../trajectories/useJournal.ts'
import { DEFAULTS } from './curateModel.ts'
import { askedJudge, judgeSchema, NO_TERMS, termsProblem, termsSchema, type ChosenJudge, type JudgeTerms } from './judgeModel.ts'

export type CurationSetup = {
  readonly settings: CurationSettings
  /** Path; null: none. */
  readonly student: string | null
  readonly judge: ChosenJudge | null
  /** Of a judge behind an endpoint. */
  readonly terms: JudgeTerms
  readonly against: readonly string[]
  readonly answers: readonly string[]
}

export type CurationDesk = {
  readonly setup: Readonly<Ref<CurationSetup>>
  readonly change: (part: Partial<CurationSetup>) => void
  readonly job: ShallowRef<CurateJob | null>
  readonly latest: Query<{ curation: CurationView | null }>
  readonly running: ComputedRef<boolean>
  /** Why its judge cannot be asked so; null: it can. */
  readonly problem: ComputedRef<ReturnType<typeof termsProblem>>
  readonly start: Action<[], void>
  /** What the judge would take, as it is set now; null: not reckoned. */
  readonly estimated: ShallowRef<JudgeEstimate | null>
  /** Holds the judge while it goes on: ended where another one is asked for, something else is set, or the screen is left. */
  readonly estimate: Action<[], void>
  readonly cancel: Action<[], void>
  readonly dismiss: Action<[], void>
  readonly apply: Action<[], CurationApplied>
  readonly release: Action<[], void>
  readonly undo: Action<[entry?: number], void>
}

const paths = z.array(z.string())
const setupSchema = z.object({
  settings: curationSettingsSchema,
  student: z.string().nullable(),
  judge: judgeSchema.nullable(),
  terms: termsSchema.default(NO_TERMS),
  against: paths,
  answers: paths,
})

const EMPTY: CurationSetup = { settings: DEFAULTS, student: null, judge: null, terms: NO_TERMS, against: [], answers: [] }
const keyOf = (folder: string): string => `retort-curation ${folder}`

/** What was set last in this project, on this machine; what is no setup is the default. */
function remembered(folder: string | null): CurationSetup {
  try {
    return folder === null ? EMPTY : setupSchema.parse(JSON.parse(localStorage.getItem(keyOf(folder)) ?? ''))
  } catch {
    return EMPTY
  }
}

export function useCuration(): CurationDesk {
  const api = useApi()
  const { folder, changes } = useSession()
  const toast = useToast()
  const { t, text } = useText()
  const project = (): string => folder.value ?? ''
  const journal = useJournal(project)
  const setup = shallowRef<CurationSetup>(remembered(folder.value))
  watch(folder, (now) => (setup.value = remembered(now)))
  watch(setup, (now) => folder.value !== null && localStorage.setItem(keyOf(folder.value), JSON.stringify(now)))

  const job: CurationDesk['job'] = shallowRef(null)
  const latest = useQuery(
    () => [folder.value, changes.trajectories.value],
    (signal) => (folder.value === null ? null : api.curation.latest({ project: folder.value }, { signal })),
  )
  const take = (next: CurateJob | null): void => {
    const ended = next?.state.type === 'done' && job.value?.state.type !== 'done'
    job.value = next
    if (ended) void latest.refresh()
  }
  useStream({
    question: () => folder.value,
    open: (signal) => (folder.value === null ? null : api.curation.watch({ project: folder.value }, { signal })),
    onEvent: (event) => take(event.job),
  })
  const wanted = () => {
    const { settings, student, judge, terms, against, answers } = setup.value
    return { project: project(), settings, student, judge: askedJudge(judge, terms), against: [...against], answers: [...answers] }
  }
  const estimated: CurationDesk['estimated'] = shallowRef(null)
  let asking: AbortController | null = null
  // What is estimated is of these; one under way is of what was before.
  watch([setup, folder, changes.trajectories, () => latest.data.value?.curation?.id], () => {
    asking?.abort()
    estimated.value = null
  }, { flush: 'sync' })
  async function estimate(): Promise<void> {
    asking?.abort()
    const own = (asking = new AbortController())
    try {
      const found = await api.curation.estimate(wanted(), { signal: own.signal })
      if (!own.signal.aborted) estimated.value = found
    } catch (error) {
      if (!own.signal.aborted) throw error
    }
  }
  onScopeDispose(() => asking?.abort())
  const withId = async (call: (id: string) => Promise<unknown>): Promise<void> => {
    if (job.value) await call(job.value.id)
  }
  const say = (title: string, entry: number | null): void =>
    void toast.add({
      title,
      icon: 'i-lucide-check',
      color: 'success',
      ...(entry !== null && { actions: [{ label: text.curation.undo, color: 'neutral' as const, variant: 'outline' as const, onClick: () => void journal.undo.run(entry) }] }),
    })
  return {
    setup,
    change: (part) => void (setup.value = { ...setup.value, ...part }),
    job,
    latest,
    running: computed(() => job.value?.state.type === 'running'),
    problem: computed(() => termsProblem(setup.value.judge, setup.value.terms)),
    start: useAction(async () => void (await api.curation.start(wanted()))),
    estimated,
    estimate: useAction(estimate, { quiet: true }),
    cancel: useAction(() => withId((id) => api.curation.cancel({ project: project(), id }))),
    dismiss: useAction(() => withId((id) => api.curation.dismiss({ project: project(), id }))),
    apply: useAction(async () => {
      const applied = await api.curation.apply({ project: project(), id: latest.data.value!.curation!.id })
      const { rejected, released, flagged, persons, changed, entry } = applied
      const parts = [
        t('curation.applied', { rejected, released, flagged }),
        ...(persons > 0 ? [t('curation.appliedLeft', { n: persons }, persons)] : []),
        ...(changed > 0 ? [t('curation.appliedChanged', { n: changed }, changed)] : []),
      ]
      say(entry === null ? text.curation.nothingToApply : parts.join('; '), entry)
      await latest.refresh()
      return applied
    }),
    release: useAction(async () => {
      const { entry, released } = await api.curation.release({ project: project() })
      say(t('curation.released', { n: released }, released), entry)
      await latest.refresh()
    }),
    undo: journal.undo,
  }
}

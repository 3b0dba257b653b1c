// A teacher asked at one step: what it would cost, the continuations as they come, and what accepting one has stored.
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { refDebounced } from '@vueuse/core'
import type { Accepted, AskEstimate, Continuation, ExpertPlace, ShownAsked } from '../../shared/contract/asking.ts'
import type { JournalEntry } from '../../shared/contract/routes/trajectories.ts'
import type { RetortError } from '../../shared/errors.ts'
import type { ListedPreference } from '../../shared/records/preference.ts'
import { asRetortError, useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import type { Editor } from '../editor/editor.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import {
  askedWith, chosenTeacher, keepAskDraft, keptAskDraft, problemOf, storedOf, teacherChoices, type AskDraft, type AskProblem, type TeacherChoice,
} from './askModel.ts'

/** An asking that goes on. */
export type Running = { readonly n: number; readonly continuations: readonly Continuation[]; readonly notices: readonly string[]; readonly since: number }

export type Asking = {
  readonly draft: ShallowRef<AskDraft>
  set(change: Partial<AskDraft>): void
  /** null: it is not known yet who there is. */
  readonly choices: ComputedRef<readonly TeacherChoice[] | null>
  readonly choice: ComputedRef<TeacherChoice | null>
  readonly knownError: ComputedRef<RetortError | null>
  readonly problem: ComputedRef<AskProblem | null>
  readonly estimate: Query<AskEstimate>
  readonly running: ShallowRef<Running | null>
  /** Why the last asking failed as a whole. */
  readonly failure: ShallowRef<RetortError | null>
  /** Askings of this step, newest first, and the one that is shown. */
  readonly earlier: ComputedRef<readonly ShownAsked[]>
  readonly shown: ComputedRef<ShownAsked | null>
  show(id: string): void
  /** The trajectory is as it was when it was asked: a continuation may take its place. */
  readonly isCurrent: ComputedRef<boolean>
  /** What accepting one of those that are shown has stored; null: none is, or it was undone. */
  readonly stored: ComputedRef<ListedPreference | null>
  readonly error: ComputedRef<RetortError | null>
  ask(): Promise<void>
  stop(): void
  readonly accept: Action<[continuation: number], Accepted>
  readonly undo: Action<[], JournalEntry | null>
}

const TYPING_MS = 300
const KEPT_MS = 200
const KEPT_TRIES = 15

/** `step`: of the agent's, from 0. */
export function useAsking(editor: Editor, step: () => number): Asking {
  const api = useApi()
  const session = useSession()
  const { t } = useText()
  const project = session.folder.value!
  const { id } = editor
  const draft = shallowRef(keptAskDraft(localStorage))
  watch(draft, (now) => keepAskDraft(localStorage, now))

  const expert = useQuery<{ expert: ExpertPlace | null }>(() => id, (signal) => api.asking.expert({ project, id }, { signal }))
  const providers = useQuery(() => session.changes.settings.value, (signal) => api.chat.providers.list({}, { signal }))
  const library = useQuery(() => session.changes.models.value, (signal) => api.models.list({ project }, { signal }))
  const place = computed(() => ({ step: step(), expert: expert.data.value?.expert ?? null }))
  const choices = computed(() =>
    expert.data.value && providers.data.value && library.data.value
      ? teacherChoices({ expert: place.value.expert, providers: providers.data.value, models: library.data.value.models }, (suite) => t('asking.expertOf', { suite }))
      : null,
  )
  const choice = computed(() => (choices.value ? chosenTeacher(choices.value, draft.value) : null))
  const problem = computed(() => choice.value && problemOf(choice.value, draft.value))
  const question = computed(() => (choice.value === null || problem.value !== null ? null : askedWith(choice.value, draft.value, place.value)))

  const revision = computed(() => editor.data.opened.value?.revision)
  const settled = refDebounced(computed(() => question.value && JSON.stringify(question.value)), TYPING_MS)
  const estimate = useQuery(
    () => [settled.value, revision.value],
    (signal) => (question.value === null ? null : api.asking.estimate({ project, id, ...question.value }, { signal })),
  )
  const askings = useQuery(() => [id, session.changes.trajectories.value], (signal) => api.asking.list({ project, id }, { signal }))
  const preferences = useQuery(() => [id, session.changes.trajectories.value], (signal) => api.asking.preferences({ project }, { signal }))

  const running = shallowRef<Running | null>(null)
  const failure = shallowRef<RetortError | null>(null)
  const wanted = shallowRef<string | null>(null)
  const earlier = computed(() => (askings.data.value ?? []).filter((asked) => asked.step === step()))
  const shown = computed(() => earlier.value.find((asked) => asked.id === wanted.value) ?? earlier.value[0] ?? null)
  const stored = computed(() => storedOf(shown.value, preferences.data.value ?? []))
  let stopping: AbortController | null = null

  async function ask(): Promise<void> {
    const asked = question.value
    if (asked === null || running.value) return
    // What is on its way to the engine belongs to what the teacher is told.
    await editor.data.idle()
    const own = new AbortController()
    stopping = own
    failure.value = null
    let now: Running = { n: draft.value.n, continuations: [], notices: [], since: performance.now() }
    const show = (next: Running): void => {
      now = next
      running.value = next
    }
    show(now)
    try {
      for await (const event of await api.asking.ask({ project, id, ...asked }, { signal: own.signal })) {
        if (event.type === 'notice') show({ ...now, notices: [...now.notices, event.text] })
        else if (event.type === 'continuation') show({ ...now, continuations: [...now.continuations, event.continuation].sort((a, b) => a.index - b.index) })
        else wanted.value = event.asked.id
      }
    } catch (error) {
      if (!own.signal.aborted) failure.value = asRetortError(error)
    }
    if (own.signal.aborted && now.continuations.some(({ turn }) => turn !== null)) await keptAfterStop()
    else await askings.refresh()
    running.value = null
  }
  /** A stopped one is kept with what had come, once the teacher is let go. */
  async function keptAfterStop(): Promise<void> {
    const [before] = earlier.value
    for (const _ of Array(KEPT_TRIES)) {
      await askings.refresh()
      if (earlier.value[0]?.id !== before?.id) break
      await new Promise((resolve) => setTimeout(resolve, KEPT_MS))
    }
    wanted.value = null
  }
  watch(step, () => {
    stopping?.abort()
    failure.value = null
  })
  onScopeDispose(() => stopping?.abort())

  return {
    draft,
    set: (change) => void (draft.value = { ...draft.value, ...change }),
    choices,
    choice,
    knownError: computed(() => expert.error.value ?? providers.error.value ?? library.error.value),
    problem,
    estimate,
    running,
    failure,
    earlier,
    shown,
    show: (asked) => void (wanted.value = asked),
    isCurrent: computed(() => shown.value !== null && shown.value.stands && editor.data.saving.value === 0),
    stored,
    error: computed(() => askings.error.value ?? preferences.error.value),
    ask,
    stop: () => stopping?.abort(),
    accept: useAction(async (continuation: number) => {
      await editor.data.idle()
      const accepted = await api.asking.accept({ project, asked: shown.value!.id, continuation })
      await preferences.refresh()
      return accepted
    }, { quiet: true }),
    undo: useAction(async () => {
      const { entry } = await session.journal.turn('undo', { project, entry: stored.value!.entry })
      await preferences.refresh()
      return entry
    }),
  }
}

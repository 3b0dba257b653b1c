// "Is my mask right?": what a run would do, looked at again whenever the student, the data or the plan changes.
import { refDebounced } from '@vueuse/core'
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import type { RetortError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/records/plan.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { useApi } from '../bridge/index.ts'
import { useStream } from '../composables/useStream.ts'
import { useSession } from '../session/session.ts'
import { PLAN_KEYS } from './settingFields.ts'

export type Preview = {
  /** The newest; it stays while the next one is made. */
  readonly preview: ShallowRef<RunPreview | null>
  readonly error: ShallowRef<RetortError | null>
  readonly progress: ShallowRef<{ done: number; total: number } | null>
  /** It is of the form as it is. */
  readonly current: ComputedRef<boolean>
  again(): void
}

/** Time after the last key before it is looked at again. */
const SETTLE_MS = 400

export function usePreview(form: { student: () => string | null; settings: () => Partial<TrainSettings> | null; plan: () => Plan | null }): Preview {
  const api = useApi()
  const { folder, changes } = useSession()
  const preview = shallowRef<RunPreview | null>(null)
  const error = shallowRef<RetortError | null>(null)
  const progress = shallowRef<Preview['progress']['value']>(null)
  const times = shallowRef(0)
  const answered = shallowRef<string | null>(null)

  const question = computed(() => {
    const [student, settings] = [form.student(), form.settings()]
    if (student === null || settings === null || folder.value === null) return null
    return JSON.stringify([student, settings.recipe, PLAN_KEYS.map((key) => settings[key]), form.plan(), changes.trajectories.value, times.value])
  })
  const settled = refDebounced(question, SETTLE_MS)
  let asked: string | null = null

  useStream({
    question: () => settled.value,
    open: (signal) => {
      asked = settled.value
      error.value = null
      const [project, student, settings, plan] = [folder.value, form.student(), form.settings(), form.plan()]
      progress.value = null
      if (asked === null || project === null || student === null || settings === null) return null
      progress.value = { done: 0, total: 0 }
      return api.runs.preview({ project, student, settings, ...(plan && { plan }) }, { signal })
    },
    onEvent: (event) => {
      if (event.type === 'progress') progress.value = { done: event.done, total: event.total }
      else {
        preview.value = event.preview
        answered.value = asked
      }
    },
    onError: (failure) => {
      error.value = failure
      progress.value = null
    },
    onEnd: () => (progress.value = null),
  })
  watch(form.student, () => (preview.value = null))
  return {
    preview,
    error,
    progress,
    current: computed(() => question.value !== null && question.value === answered.value && preview.value !== null),
    again: () => (times.value += 1),
  }
}

// The form of a new run: students, settings as typed, what is remembered of last time, and the start.
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Model } from '../../shared/contract/routes/models.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useSession } from '../session/session.ts'
import { draftOf, readDraft, recall, remember, type Draft, type Reading } from './settingsModel.ts'
import { sortStudents } from './students.ts'
import { usePlanChoice, type PlanChoice } from './usePlanChoice.ts'

export type NewRunForm = {
  readonly students: ComputedRef<readonly Model[] | null>
  readonly studentsError: Query<unknown>['error']
  /** Path of the chosen student. */
  readonly student: Ref<string | null>
  readonly draft: ShallowRef<Draft | null>
  readonly defaults: ShallowRef<TrainSettings | null>
  readonly plan: PlanChoice
  readonly reading: ComputedRef<Reading | null>
  readonly start: Action<[how?: { allowMemoryOverrun: true }], void>
  readonly reset: () => void
}

export function useNewRun(): NewRunForm {
  const api = useApi()
  const route = useRoute()
  const router = useRouter()
  const { folder, changes } = useSession()
  const project = folder.value ?? ''
  const last = recall(localStorage, project)

  const models = useQuery(() => changes.models.value, (signal) => api.models.list({ project }, { signal }))
  const defaults = useQuery(() => null, (signal) => api.runs.defaults({}, { signal }))
  const students = computed(() => models.data.value && sortStudents(models.data.value.models))
  const student = ref<string | null>(null)
  const draft = shallowRef<Draft | null>(null)
  const plan = usePlanChoice()

  const fits = (path: unknown): path is string => students.value?.some((model) => model.path === path && model.notTrainable === null && model.broken === null) ?? false
  watch(students, () => {
    if (fits(student.value)) return
    student.value = [route.query['student'], last.student].find(fits) ?? students.value?.find(({ path }) => fits(path))?.path ?? null
  })
  watch(defaults.data, (known) => {
    if (known && draft.value === null) draft.value = draftOf({ ...known, ...last.settings })
  })
  const reading = computed(() => draft.value && readDraft(draft.value))
  watch([student, reading], ([path, read]) => {
    if (read?.settings && defaults.data.value) remember(localStorage, project, { student: path, settings: read.settings, defaults: defaults.data.value })
  })
  const start = useAction(
    async (how?: { allowMemoryOverrun: true }) => {
      const settings = reading.value?.settings
      if (!settings || student.value === null) return
      const chosen = plan.plan.value
      const { run } = await api.runs.start({ project, student: student.value, settings, ...(chosen && { plan: chosen }), ...how })
      await router.push({ name: 'run', params: { run } })
    },
    { quiet: true },
  )
  return {
    students,
    studentsError: models.error,
    student,
    draft,
    plan,
    defaults: defaults.data,
    reading,
    start,
    reset: () => {
      if (defaults.data.value) draft.value = draftOf(defaults.data.value)
    },
  }
}

// With what a plan is simulated and started: the student and the settings of the Train screen's form.
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Model } from '../../shared/contract/routes/models.ts'
import type { RetortError } from '../../shared/errors.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { useApi } from '../bridge/index.ts'
import { useQuery } from '../composables/useQuery.ts'
import { useSession } from '../session/session.ts'
import { recall, remember } from '../train/settingsModel.ts'
import { obstacleOf, sortStudents } from '../train/students.ts'

export type TrainSetup = {
  /** Those that can be trained; null before the first answer. */
  readonly students: ComputedRef<readonly Model[] | null>
  readonly error: ComputedRef<RetortError | null>
  /** Path. */
  readonly student: ShallowRef<string | null>
  /** What differs from the defaults. */
  readonly settings: Partial<TrainSettings>
  /** The same over the defaults, once these are known. */
  readonly effective: ComputedRef<Partial<TrainSettings>>
}

export function useTrainSetup(): TrainSetup {
  const api = useApi()
  const { folder, changes } = useSession()
  const project = folder.value ?? ''
  const last = recall(localStorage, project)
  const models = useQuery(() => changes.models.value, (signal) => api.models.list({ project }, { signal }))
  const defaults = useQuery(() => null, (signal) => api.runs.defaults({}, { signal }))
  const students = computed(() => models.data.value && sortStudents(models.data.value.models).filter((model) => obstacleOf(model) === null))
  const student = shallowRef<string | null>(null)
  const fits = (path: string | null): path is string => path !== null && (students.value?.some((model) => model.path === path) ?? false)
  watch(students, (known) => {
    if (!fits(student.value)) student.value = fits(last.student) ? last.student : (known?.[0]?.path ?? null)
  })
  watch([student, defaults.data], ([path, known]) => {
    if (path !== null && known) remember(localStorage, project, { student: path, settings: last.settings, defaults: known })
  })
  return { students, error: computed(() => models.error.value ?? defaults.error.value), student, settings: last.settings, effective: computed(() => ({ ...defaults.data.value, ...last.settings })) }
}

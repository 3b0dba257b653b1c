// The plan of a new run: one of the saved ones, or none.
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { useRoute } from 'vue-router'
import type { KeptPlan } from '../../shared/contract/routes/curriculum.ts'
import type { RetortError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { useApi } from '../bridge/index.ts'
import { useQuery } from '../composables/useQuery.ts'
import { useSession } from '../session/session.ts'

export type PlanChoice = {
  readonly plans: ComputedRef<readonly KeptPlan[]>
  readonly error: ComputedRef<RetortError | null>
  /** Name of the file; null: no plan. */
  readonly id: Ref<string | null>
  readonly plan: ComputedRef<Plan | null>
  /** A plan was chosen and is there, or none was. */
  readonly ready: ComputedRef<boolean>
}

export function usePlanChoice(): PlanChoice {
  const api = useApi()
  const route = useRoute()
  const { folder } = useSession()
  const project = folder.value ?? ''
  const asked = route.query['plan']
  const id = ref<string | null>(typeof asked === 'string' && asked !== '' ? asked : null)
  const plans = useQuery(() => null, (signal) => api.curriculum.plans.list({ project }, { signal }))
  const loaded = useQuery(() => id.value, (signal) => (id.value === null ? null : api.curriculum.plans.load({ project, id: id.value }, { signal })))
  const plan = computed(() => (loaded.data.value?.id === id.value ? loaded.data.value.plan : null))
  return {
    plans: computed(() => plans.data.value ?? []),
    error: computed(() => loaded.error.value ?? plans.error.value),
    id,
    plan,
    ready: computed(() => id.value === null || plan.value !== null),
  }
}

// Difficulty and simulation of the plan on the desk, with the student and settings of the Train screen, and the start of its run.
import { computed, type ComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useSession } from '../session/session.ts'
import { useSlow, type Slow } from './useSlow.ts'
import type { TrainSetup } from './useTrainSetup.ts'

export type Curriculum = {
  readonly difficulty: Slow<ComplexityReport>
  readonly simulation: Slow<Simulation>
  readonly start: Action<[how?: { allowMemoryOverrun: true }], void>
}

export function useCurriculum(plan: ComputedRef<Plan | null>, { student, settings }: TrainSetup): Curriculum {
  const api = useApi()
  const router = useRouter()
  const { folder, changes } = useSession()
  const wanted = () => ({ project: folder.value ?? '', student: student.value ?? '', settings })
  const ready = computed(() => folder.value !== null && student.value !== null && plan.value !== null)

  const difficulty = useSlow<ComplexityReport>({
    question: () => (ready.value ? JSON.stringify([student.value, plan.value?.complexity, changes.trajectories.value]) : null),
    open: async (signal) => {
      const events = await api.curriculum.histogram({ ...wanted(), complexity: plan.value!.complexity, bins: 40 }, { signal })
      return renamed(events, (event) => (event.type === 'report' ? { type: 'result', result: event.report } : event))
    },
  })
  const simulation = useSlow<Simulation>({
    // A new name of the plan changes nothing.
    question: () => (ready.value ? JSON.stringify([student.value, { ...plan.value, name: '' }, changes.trajectories.value, changes.runs.value]) : null),
    open: async (signal) => {
      const events = await api.curriculum.simulate({ ...wanted(), plan: plan.value! }, { signal })
      return renamed(events, (event) => (event.type === 'simulation' ? { type: 'result', result: event.simulation } : event))
    },
  })
  return {
    difficulty,
    simulation,
    start: useAction(
      async (how?: { allowMemoryOverrun: true }) => {
        if (!ready.value) return
        const { run } = await api.runs.start({ ...wanted(), plan: plan.value!, ...how })
        await router.push({ name: 'run', params: { run } })
      },
      { quiet: true },
    ),
  }
}

async function* renamed<From, To>(events: AsyncIterable<From>, as: (event: From) => To): AsyncGenerator<To> {
  for await (const event of events) yield as(event)
}

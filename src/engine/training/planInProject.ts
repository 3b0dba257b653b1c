// Plans over a project that the caller has open: for the command line, which needs no process of its own for it.
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import type { Complexity, Plan } from '../../shared/records/plan.ts'
import { openStudent } from '../llama/index.ts'
import { revisionNow, type Project } from '../project/index.ts'
import type { PlanPhase } from './draftPlan.ts'
import { planMemory } from './memoryFit.ts'
import { probedRate, rateOf } from './rateOf.ts'
import type { SettingsInput } from './settings.ts'
import { measureComplexity, simulate, type PlanWorld } from './simulation.ts'
import { createLossSource } from './studentLosses.ts'

/** `project` is the folder. */
export type PlanRequest = {
  readonly project: string
  readonly student: string
  readonly settings: SettingsInput
  readonly onProgress: (phase: PlanPhase, done: number, total: number) => void
  readonly signal: AbortSignal
}
type Request = Omit<PlanRequest, 'project'> & { readonly cacheDir: string }

/** `rate`: tokens a second; 'probe' measures; undefined takes that of the newest run with this student. */
export const simulateInProject = (
  project: Project,
  { plan, rate, ...request }: Request & { readonly plan: Plan; readonly rate: number | 'probe' | undefined },
): Promise<Simulation> =>
  withWorld(project, request, (world) =>
    simulate({ ...world, plan, rate: rate === 'probe' ? probedRate(request) : rateOf({ given: rate, project, student: request.student }), memory: planMemory(request.student) }),
  )

export const complexityInProject = (
  project: Project,
  { complexity, bins, ...request }: Request & { readonly complexity: Complexity; readonly bins: number },
): Promise<ComplexityReport> => withWorld(project, request, (world) => measureComplexity(world, { complexity, bins }))

async function withWorld<Result>(project: Project, { student: path, settings, onProgress, signal, cacheDir }: Request, work: (world: PlanWorld) => Promise<Result>): Promise<Result> {
  const student = await openStudent({ path, weights: 'none', signal })
  try {
    return await work({
      settings,
      revisionOf: (heldout) => revisionNow(project, { heldout }),
      openStudent: async () => ({ student }),
      losses: createLossSource({ student: path, cacheDir }),
      onProgress,
      signal,
    })
  } finally {
    await student.dispose()
  }
}

// A plan to begin with, and a plan as somebody wrote it.
import { z } from 'zod'
import { PLAN_VERSION, planSchema, type Complexity, type Plan } from '../../../shared/records/plan.ts'
import type { RecipeName } from '../../../shared/records/recipe.ts'

export type Proposal = {
  readonly stages: number
  readonly complexity?: Complexity | undefined
  /** null, or left open: that of the run's settings. */
  readonly recipe?: RecipeName | null | undefined
  readonly name?: string | undefined
  /** Share of replay from the second stage on. */
  readonly replay?: number | undefined
}

/** Equal parts of the training side from easy to hard, one pass each. */
const REPLAY = 0.2

export function proposePlan({ stages: count, complexity, recipe = null, name, replay = REPLAY }: Proposal): Plan {
  const stages = Array.from({ length: count }, (_, stage) => ({
    name: stageName(stage, count),
    filter: count === 1 ? {} : { complexity: { from: stage / count, to: (stage + 1) / count } },
    replay: stage === 0 ? 0 : replay,
    recipe,
  }))
  const title = name ?? (count === 1 ? 'Easy to hard' : `Easy to hard in ${count} stages`)
  return planSchema.parse({ version: PLAN_VERSION, name: title, stages, ...(complexity && { complexity }) })
}

const NAMES: Readonly<Record<number, readonly string[]>> = { 1: ['all'], 2: ['easy', 'hard'], 3: ['easy', 'middle', 'hard'] }
const stageName = (stage: number, count: number): string => NAMES[count]?.[stage] ?? `part ${stage + 1}`

export type PlanProblem = { readonly path: string; readonly message: string }

/** A document as a plan, with all defaults, or what is wrong with it and where. */
export function readPlan(json: unknown): { readonly plan: Plan | null; readonly problems: readonly PlanProblem[] } {
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
  if (typeof version === 'number' && version !== PLAN_VERSION) {
    return { plan: null, problems: [{ path: 'version', message: `found ${version}, expected ${PLAN_VERSION}: it is a plan of another version of Retort` }] }
  }
  const parsed = planSchema.safeParse(json)
  if (parsed.success) return { plan: parsed.data, problems: [] }
  return { plan: null, problems: parsed.error.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), message })) }
}

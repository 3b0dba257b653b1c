// Surface: the curriculum: difficulty of a project's trajectories, plans, what they would do, plans that are kept.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { complexitySchema, planSchema } from '../../records/plan.ts'
import { settingsShapeSchema } from '../../records/run.ts'
import { complexityReportSchema, simulationSchema } from '../planning.ts'
import { inProject, nothing, route } from './base.ts'

/** Masking for the tokens, scoring for the student's own loss (minutes, once for a student), then counting. */
const progress = z.object({
  type: z.literal('progress'),
  phase: z.enum(['masking', 'scoring']),
  done: z.int(),
  total: z.int(),
})

const settings = settingsShapeSchema.partial()
const withStudent = inProject.extend({ student: z.string().min(1), settings })

/** A place in the document, and what is wrong there. */
const planProblemSchema = z.object({ path: z.string(), message: z.string() })

const keptPlanSchema = z.object({
  /** Name of its file, without the ending. */
  id: z.string(),
  name: z.string(),
  stages: z.int(),
  /** ISO 8601. */
  modified: z.string(),
  /** Why it cannot be read; null when it can. */
  problem: z.string().nullable(),
})
export type KeptPlan = z.infer<typeof keptPlanSchema>

const onePlan = inProject.extend({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/) })

export const curriculumRoutes = {
  /** Progress first, the report last. `bins` at most; fewer where the values are few whole numbers. */
  histogram: route
    .input(withStudent.extend({ complexity: complexitySchema, bins: z.int().min(1).max(200).default(24) }))
    .output(eventIterator(z.discriminatedUnion('type', [progress, z.object({ type: z.literal('report'), report: complexityReportSchema })]))),
  /** A plan to begin with: equal parts of the training side from easy to hard, a fifth of replay from the second stage on. */
  propose: route
    .input(z.object({ stages: z.int().min(1).max(50), complexity: complexitySchema.optional(), recipe: settingsShapeSchema.shape.recipe.optional() }))
    .output(planSchema),
  /** What is wrong with a plan as it was read or typed; `plan` with all defaults when nothing is. */
  validate: route
    .input(z.object({ plan: z.unknown() }))
    .output(z.object({ plan: planSchema.nullable(), problems: z.array(planProblemSchema) })),
  /** Progress first, the simulation last. Without `tokensPerSecond`: the rate of the newest run with this student. */
  simulate: route
    .input(withStudent.extend({ plan: planSchema, tokensPerSecond: z.number().positive().optional() }))
    .output(eventIterator(z.discriminatedUnion('type', [progress, z.object({ type: z.literal('simulation'), simulation: simulationSchema })]))),
  plans: {
    /** By name. */
    list: route.input(inProject).output(z.array(keptPlanSchema)),
    load: route.input(onePlan).output(z.object({ id: z.string(), plan: planSchema, revision: z.string() })),
    /**
     * On the disk when it returns. Without `id` it becomes a file of its own, named after the plan. `revision`: as it was
     * loaded; when the file has changed since, nothing is kept (RETORT `plan-changed`).
     */
    save: route
      .input(inProject.extend({ plan: planSchema, id: onePlan.shape.id.optional(), revision: z.string().optional() }))
      .output(z.object({ id: z.string(), revision: z.string() })),
    remove: route.input(onePlan).output(nothing),
  },
}

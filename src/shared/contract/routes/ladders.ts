// Surface: ladders: students that were made in different ways, on the same tasks.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { ladderSchema } from '../../records/ladder.ts'
import { budgetChangeSchema, budgetSchema, firstThoughtSchema, pricesSchema, trafficSchema } from '../../records/rollout.ts'
import { ladderForecastSchema, ladderJobSchema, ladderWishSchema } from '../evaluating.ts'
import { inProject, nothing, route } from './base.ts'
import { wantedRolloutTeacherSchema } from './rollouts.ts'

/** Who teaches; `budget`: for all rungs together. `firstThought`: where the rung of first thoughts has them. */
export const teachingSchema = z.object({
  teacher: wantedRolloutTeacherSchema,
  prices: pricesSchema.nullable().default(null),
  budget: budgetSchema.default({ cost: null, tokens: null }),
  traffic: trafficSchema.partial().default({}),
  firstThought: firstThoughtSchema.default('all'),
})
/** As a page says it. */
export type LadderTeachingWish = z.input<typeof teachingSchema>

const one = inProject.extend({ id: z.string() })

export const ladderRoutes = {
  /** Newest first. */
  list: route.input(inProject).output(z.array(ladderSchema)),
  read: route.input(one).output(ladderSchema),
  /** How long one would take, by what was measured of its student in the project; null: it is not known before the first rung is done. */
  forecast: route.input(inProject.extend({ wish: ladderWishSchema, teaching: teachingSchema.optional() })).output(ladderForecastSchema.nullable()),
  /**
   * Begins one; RETORT `evaluation-busy` while the project has an evaluation or a ladder that runs. Without `teaching` the suite's expert
   * teaches. A limit of cost without prices is refused (`no-prices`).
   */
  start: route.input(inProject.extend({ wish: ladderWishSchema, teaching: teachingSchema.optional() })).output(z.object({ id: z.string() })),
  /** Goes on with one that was stopped: what is answered, trained and evaluated is not done again. `budget` takes the place of its teacher's, limit by limit. */
  resume: route.input(one.extend({ budget: budgetChangeSchema.optional() })).output(z.object({ id: z.string() })),
  /** The project's job as it is, then after each change; null: none. `id` of the job is the ladder's. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: ladderJobSchema.nullable() }))),
  /** Resolves when it has stopped; what is done stays. */
  cancel: route.input(one).output(nothing),
  /** Puts the report, or the failure, of a job away; the ladder stays. */
  dismiss: route.input(one).output(nothing),
  /** Its report as Markdown, and its charts. */
  report: route.input(one).output(z.object({ markdown: z.string(), charts: z.array(z.object({ name: z.string(), svg: z.string() })) })),
  /** The ladder with what it trained and evaluated. */
  discard: route.input(one).output(nothing),
}

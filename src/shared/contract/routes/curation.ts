// Surface: curation in the app: the funnel as a job, what it rejected and why, applying and taking back.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { curationFilterSchema, curationSettingsSchema } from '../../records/curation.ts'
import { budgetSchema, pricesSchema } from '../../records/rollout.ts'
import { curateJobSchema, curatedLineSchema, curationAppliedSchema, curationViewSchema, judgeEstimateSchema } from '../curating.ts'
import { inProject, nothing, route } from './base.ts'

/** Who judges: a GGUF file, or a model of a provider that is in the settings. The budget counts all curations of the project with that model. */
const askedJudgeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('local'), path: z.string().min(1) }),
  z.object({
    type: z.literal('endpoint'), provider: z.string().min(1), model: z.string().min(1), concurrency: z.int().min(1).max(64).default(4),
    prices: pricesSchema.nullable().default(null), budget: budgetSchema.default({ cost: null, tokens: null }),
  }),
])

export const wantedCurationSchema = inProject.extend({
  settings: curationSettingsSchema,
  student: z.string().min(1).nullable(),
  judge: askedJudgeSchema.nullable(),
  /** Files and folders of evaluation questions, and files of questions with right answers. */
  against: z.array(z.string().min(1)).max(100),
  answers: z.array(z.string().min(1)).max(100),
})

const oneJob = inProject.extend({ id: z.string() })

export const curationRoutes = {
  /** Begins to look; nothing of the project changes. One at a time in a project (RETORT `curate-busy`). */
  start: route.input(wantedCurationSchema).output(z.object({ id: z.string() })),
  /** What the judge would cost: the filters run, but those that ask the student, and the judge is asked nothing. RETORT `no-judge`, `curate-busy`. */
  estimate: route.input(wantedCurationSchema).output(judgeEstimateSchema),
  /** The project's job as it is, then after each change; null: none. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: curateJobSchema.nullable() }))),
  cancel: route.input(oneJob).output(nothing),
  dismiss: route.input(oneJob).output(nothing),
  /** The newest curation of the project; null: none was made. */
  latest: route.input(inProject).output(z.object({ curation: curationViewSchema.nullable() })),
  /** What a filter rejected (or noted), for one reason or any, in the order of the curation. */
  lines: route
    .input(
      oneJob.extend({
        list: z.enum(['rejected', 'flagged']),
        filter: curationFilterSchema,
        reason: z.string().nullable(),
        offset: z.int().min(0),
        limit: z.int().min(1).max(500),
      }),
    )
    .output(z.object({ total: z.int(), lines: z.array(curatedLineSchema) })),
  /** Into the reviews, as one entry of the journal. RETORT `curation-missing`. */
  apply: route.input(oneJob).output(curationAppliedSchema),
  /** Takes back what curations have rejected and noted, as one entry. */
  release: route.input(inProject).output(z.object({ entry: z.int().nullable(), released: z.int() })),
}

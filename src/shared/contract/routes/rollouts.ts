// Surface: rollouts: what a batch of a teacher's episodes will cost, the making of one, and those of the project.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { agentStyleSchema, wantedRepeatsSchema } from '../../records/episode.ts'
import { budgetChangeSchema, budgetSchema, firstThoughtSchema, pricesSchema, rolloutSchema, trafficSchema } from '../../records/rollout.ts'
import { expertSettingsSchema, suiteNameSchema } from '../../records/suite.ts'
import { shownTurnSchema } from '../evaluating.ts'
import { rolloutEstimateSchema, rolloutJobSchema, rolloutRowSchema } from '../rollouts.ts'
import { inProject, nothing, route } from './base.ts'

/** Who is asked: the suite's scripted expert, a model of a provider that is in the settings, or a GGUF file. */
export const wantedRolloutTeacherSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('expert'), settings: expertSettingsSchema.partial().default({}) }),
  z.object({ type: z.literal('endpoint'), provider: z.string().min(1), model: z.string().min(1) }),
  z.object({ type: z.literal('local'), path: z.string().min(1) }),
])

/** What is left open is the suite's own, or as said here. */
export const wantedRolloutsSchema = z.object({
  suite: suiteNameSchema,
  teacher: wantedRolloutTeacherSchema,
  tasks: z.int().min(1).max(100_000),
  seed: z.int().min(0).max(0xffffffff).default(0),
  /** Number of the first task in the training split, of the families where they are named. */
  first: z.int().min(0).default(0),
  /** Only tasks of these families; all when absent. */
  families: z.array(z.string().min(1)).min(1).optional(),
  perTask: z.int().min(1).max(64).default(1),
  style: agentStyleSchema.optional(),
  temperature: z.number().min(0).max(4).default(0),
  topP: z.number().min(0.01).max(1).default(1),
  firstThought: firstThoughtSchema.default('off'),
  logprobs: z.int().min(0).max(20).default(0),
  steps: z.int().min(1).max(1000).optional(),
  turnTokens: z.int().min(1).max(131_072).optional(),
  repeats: wantedRepeatsSchema.optional(),
  prices: pricesSchema.nullable().default(null),
  budget: budgetSchema.default({ cost: null, tokens: null }),
  traffic: trafficSchema.partial().default({}),
})
/** As a page says it. */
export type WantedRollouts = z.input<typeof wantedRolloutsSchema>

const oneBatch = inProject.extend({ id: z.string() })

export const rolloutRoutes = {
  /** What it will take, from the suite's own expert on the first tasks and the teacher's prompt; nothing is asked of the teacher. */
  estimate: route.input(inProject.extend({ rollouts: wantedRolloutsSchema })).output(rolloutEstimateSchema),
  /** Begins a batch in the project's folder `rollouts`. One at a time in a project (RETORT `rollouts-busy`). A limit of cost without prices is refused (`no-prices`). */
  start: route.input(inProject.extend({ rollouts: wantedRolloutsSchema })).output(z.object({ id: z.string() })),
  /** Goes on with a batch that was stopped, or reached its budget: no answer is paid for twice. `budget` takes the place of its own, limit by limit. */
  resume: route.input(inProject.extend({ batch: z.string(), budget: budgetChangeSchema.optional() })).output(z.object({ id: z.string() })),
  /** The job that runs, or the last one until it was put away; null: none. First as it is, then after each change. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: rolloutJobSchema.nullable() }))),
  /** Answers when it has stopped: what is done stays in the batch, which can go on, and its report is the job's. `id`: of the job. */
  cancel: route.input(oneBatch).output(nothing),
  /** Puts the report, or the failure, away. */
  dismiss: route.input(oneBatch).output(nothing),
  /** Batches of the project, newest first. */
  list: route.input(inProject).output(z.array(rolloutRowSchema)),
  /** Episodes of a batch, in the order in which they ended, without their events; `indices`: their numbers among all. */
  episodes: route
    .input(inProject.extend({ batch: z.string(), offset: z.int().min(0), limit: z.int().min(1).max(500), only: z.enum(['kept', 'rejected']).optional() }))
    .output(z.object({ total: z.int(), indices: z.array(z.int()), episodes: z.array(rolloutSchema.omit({ events: true })) })),
  /** One episode as the trajectory that it is, kept or rejected; `index` as in `episodes`. */
  episode: route
    .input(inProject.extend({ batch: z.string(), index: z.int().min(0) }))
    .output(rolloutSchema.omit({ events: true }).extend({ turns: z.array(shownTurnSchema) })),
}

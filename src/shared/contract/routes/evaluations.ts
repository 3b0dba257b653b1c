// Surface: evaluations of students on suites, and ladders of them.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { evaluationSchema, taskResultSchema } from '../../records/evaluation.ts'
import { comparisonSchema, evaluationJobSchema, evaluationWishSchema, shownEpisodeSchema, suiteInfoSchema } from '../evaluating.ts'
import { inProject, nothing, route } from './base.ts'
import { ladderRoutes } from './ladders.ts'

const one = inProject.extend({ id: z.string() })

export const evaluationRoutes = {
  suites: route.input(nothing).output(z.array(suiteInfoSchema)),
  /** Newest first; those of ladders among them (`ladder`). */
  list: route.input(inProject).output(z.array(evaluationSchema)),
  /** With each task that is done, in the order of the tasks. */
  read: route.input(one).output(z.object({ evaluation: evaluationSchema, tasks: z.array(taskResultSchema) })),
  /** A task's episode; `task` is the task's id. */
  episode: route.input(one.extend({ task: z.string() })).output(shownEpisodeSchema),
  /** The second against the first, by the tasks that both have. */
  compare: route.input(inProject.extend({ first: z.string(), second: z.string() })).output(comparisonSchema),
  /** Begins one; RETORT `evaluation-busy` while the project has an evaluation or a ladder that runs. */
  start: route.input(inProject.extend({ wish: evaluationWishSchema })).output(z.object({ id: z.string() })),
  /** Goes on with one that was stopped: tasks that are done are not worked at again. */
  resume: route.input(one).output(z.object({ id: z.string() })),
  /** The project's job as it is, then after each change; null: none. `id` of the job is the evaluation's. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: evaluationJobSchema.nullable() }))),
  /** Resolves when it has stopped; tasks that are done stay. */
  cancel: route.input(one).output(nothing),
  /** Puts the report, or the failure, of a job away; the evaluation stays. */
  dismiss: route.input(one).output(nothing),
  /** Removes it with its episodes. */
  discard: route.input(one).output(nothing),
  ladders: ladderRoutes,
}

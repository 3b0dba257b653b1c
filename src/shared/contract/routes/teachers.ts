// Surface: teachers: files of distributions for training, and the making of them, by a model here or by an endpoint.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { asksSchema, shownSchema, teacherFileSchema, teachJobSchema } from '../teaching.ts'
import { inProject, nothing, route } from './base.ts'

/** Who is asked: a GGUF file, or a model of a provider that is in the settings. */
export const askedTeacherSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('local'), path: z.string().min(1) }),
  z.object({
    type: z.literal('endpoint'),
    provider: z.string().min(1),
    model: z.string().min(1),
    asks: asksSchema.default('auto'),
    /** Requests at a time. */
    concurrency: z.int().min(1).max(64).default(4),
  }),
])
export type AskedTeacher = z.input<typeof askedTeacherSchema>

export const teacherRoutes = {
  /** Files of distributions in the project's folder `teachers`, newest first. A run's settings name one by its path. */
  list: route.input(inProject).output(z.array(teacherFileSchema)),
  /**
   * Begins to make a file in the project's folder `teachers`, or goes on with it: what it holds is not asked again. One at a time
   * in a project (RETORT `teach-busy`). `top` left open: 32 of a local teacher, 20 of an endpoint.
   */
  start: route
    .input(inProject.extend({ student: z.string().min(1), teacher: askedTeacherSchema, top: z.int().min(1).max(1024).optional(), shown: shownSchema.default('student') }))
    .output(z.object({ id: z.string() })),
  /** The project's job as it is, then after each change; null: none. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: teachJobSchema.nullable() }))),
  /** Resolves when it has stopped; what is done stays in the file, and no job is left. */
  cancel: route.input(inProject.extend({ id: z.string() })).output(nothing),
  /** Puts the report, or the failure, away. */
  dismiss: route.input(inProject.extend({ id: z.string() })).output(nothing),
}

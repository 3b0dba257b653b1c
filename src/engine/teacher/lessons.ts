// Lessons: what a local teacher is to read while a run trains, settled when the run is made, without its weights.
import { basename } from 'node:path'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { Shown } from '../../shared/contract/teaching.ts'
import { openStudent } from '../llama/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { TeacherMeta } from '../../shared/records/teacherMeta.ts'
import { describedMeta, localJobs, SHOWN, sidesOf, type Side, type Told } from './localJobs.ts'
import { exampleKey } from './store.ts'

/** A line of a run's file of lessons: an example of the student by its tokens' key, and the teacher's tokens beside it. */
export const lessonSchema = z.object({
  key: z.string(),
  theirs: z.array(z.int()),
  places: z.array(z.object({ student: z.int(), teacher: z.int(), group: z.object({ teacher: z.array(z.int()), label: z.int() }).exactOptional() })),
})
export type Lesson = z.infer<typeof lessonSchema>

export type Lessons = {
  readonly label: string
  /** As the header of a file of them would have it, but for the sha256 of the teacher's file. */
  readonly meta: TeacherMeta
  readonly lessons: readonly Lesson[]
}

export type LessonsInput = { readonly student: Side; /** GGUF file. */ readonly path: string; readonly context: Shown; readonly told: readonly Told[]; readonly signal?: AbortSignal | undefined }

const MAGIC = 'GGUF'

/** Whether the file is a model, by its first bytes. Throws RetortError `bad-settings` for a folder. */
export function isModelFile(path: string): boolean {
  if (statSync(path).isDirectory()) throw folderInstead(path)
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(MAGIC.length)
    return readSync(file, bytes, 0, MAGIC.length, 0) === MAGIC.length && bytes.toString('latin1') === MAGIC
  } finally {
    closeSync(file)
  }
}

const folderInstead = (path: string): RetortError =>
  new RetortError({ code: 'bad-settings', message: "a teacher's distributions cannot be used", where: path, found: 'a folder', expected: 'a file of distributions, or a GGUF model' })

/** Longer sequences than the teacher's context have no lesson. Throws RetortError for a file that cannot be used. */
export async function makeLessons({ student, path, context, told, signal }: LessonsInput): Promise<Lessons> {
  const teacher = await openStudent({ path, as: 'teacher', weights: 'none', ...(signal && { signal }) })
  try {
    const sides = sidesOf(student, teacher)
    const lessons = told.flatMap((one) =>
      localJobs(one, sides, context).jobs.flatMap(({ example, theirs, places }): Lesson[] =>
        places.length === 0 || theirs.length > teacher.trainedContext
          ? []
          : [{ key: exampleKey(example.ids), theirs: [...theirs], places: places.map(({ group, ...place }) => ({ ...place, ...(group && { group: { ...group, teacher: [...group.teacher] } }) })) }],
      ),
    )
    return { label: `${basename(path)} while the run trains, shown ${SHOWN[context]}`, meta: describedMeta(sides, context), lessons }
  } finally {
    await teacher.dispose()
  }
}

// A local teacher: llama.cpp reads what the agent wrote and says what it would have put at each of the tokens.
import type { TeacherPlace } from '../../core/pipeline/training/index.ts'
import type { TeacherRow } from '../../core/ports/index.ts'
import type { Shown } from '../../shared/contract/teaching.ts'
import { openScorer, openStudent, type Scorer, type Student } from '../llama/index.ts'
import { localJobs, localMeta, sidesOf, type Sides } from './localJobs.ts'
import type { TeacherAnswer, TeacherJob, TeacherSource } from './source.ts'
import type { TokenMap } from './tokens.ts'

export type LocalTeacherInput = {
  /** Open, also without weights. */
  readonly student: Student
  readonly path: string
  readonly context: Shown
  readonly k: number
  readonly signal: AbortSignal
}

/** Throws RetortError for a file that cannot be used. */
export async function openLocalTeacher({ student, path, context, k, signal }: LocalTeacherInput): Promise<TeacherSource> {
  const teacher = await openStudent({ path, weights: 'loaded', signal })
  const sides: Sides = sidesOf(student, teacher)
  const reader = createReader({ teacher, tokens: sides.tokens, k })
  return {
    meta: await localMeta(sides, context),
    shared: sides.tokens?.shared ?? null,
    concurrency: 1,
    once: false,
    jobs(corrected) {
      const { jobs, reason } = localJobs(corrected, sides, context)
      return {
        reason,
        jobs: jobs.map(({ example, theirs, places, missed }): TeacherJob => ({
          example,
          missed,
          tokens: places.map((place) => place.student),
          ask: (wanted, stop) => reader.read(theirs, places.filter((place) => wanted.has(place.student)), stop),
        })),
      }
    },
    async dispose() {
      await reader.dispose()
      await teacher.dispose()
    },
  }
}

/** Reads one sequence after the other. */
export type TeacherReader = {
  read(theirs: readonly number[], places: readonly TeacherPlace[], signal: AbortSignal): Promise<TeacherAnswer>
  dispose(): Promise<void>
}

/** `teacher`: open with its weights; it is not closed here. */
export function createReader({ teacher, tokens, k }: { teacher: Student; tokens: TokenMap | null; k: number }): TeacherReader {
  let scorer: Scorer | null = null
  return {
    async read(theirs, places, signal) {
      if (theirs.length > teacher.trainedContext) {
        return { left: { reason: `${theirs.length} tokens for the teacher, whose context holds ${teacher.trainedContext}`, why: 'too-long' } }
      }
      if (!scorer || scorer.context < theirs.length) {
        await scorer?.dispose()
        scorer = null
        scorer = await openScorer({ student: teacher, context: Math.min(teacher.trainedContext, Math.max(2 * theirs.length, 1024)), signal })
      }
      const top = await scorer.top(theirs, { targets: new Set(places.map((place) => place.teacher)), k, signal })
      return { rows: new Map(places.map((place) => [place.student, inStudentTokens(top.get(place.teacher) as TeacherRow, tokens)])) }
    },
    dispose: async () => scorer?.dispose(),
  }
}

/** A row by the student's ids: what several of the teacher's tokens mean together is summed. */
function inStudentTokens(row: TeacherRow, tokens: TokenMap | null): TeacherRow {
  if (!tokens) return row
  const mass = new Map<number, number>()
  const unknown: number[] = []
  for (let i = 0; i < row.ids.length; i++) {
    const id = tokens.toStudent[row.ids[i] as number] ?? -1
    const probability = Math.exp(row.logProbs[i] as number)
    if (id < 0) unknown.push(probability)
    else mass.set(id, (mass.get(id) ?? 0) + probability)
  }
  const all = [...mass, ...unknown.map((probability) => [-1, probability] as const)].sort((a, b) => b[1] - a[1])
  return { ids: all.map(([id]) => id), logProbs: all.map(([, probability]) => Math.log(probability)) }
}

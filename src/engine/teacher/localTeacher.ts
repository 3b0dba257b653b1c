// A local teacher: llama.cpp reads what the agent wrote and says what it would have put at each of the tokens.
import { rowOfGroup, type NamedToken, type TeacherPlace } from '../../core/pipeline/training/index.ts'
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
  const teacher = await openStudent({ path, as: 'teacher', weights: 'loaded', signal })
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
export function createReader({ teacher, tokens, k, threads }: { teacher: Student; tokens: TokenMap | null; k: number; /** Default: llama.cpp's own. */ threads?: number }): TeacherReader {
  let scorer: Scorer | null = null
  return {
    async read(theirs, places, signal) {
      if (theirs.length > teacher.trainedContext) {
        return { left: { reason: `${theirs.length} tokens for the teacher, whose context holds ${teacher.trainedContext}`, why: 'too-long' } }
      }
      if (!scorer || scorer.context < theirs.length) {
        await scorer?.dispose()
        scorer = null
        scorer = await openScorer({ student: teacher, context: Math.min(teacher.trainedContext, Math.max(2 * theirs.length, 1024)), signal, ...(threads !== undefined && { threads }) })
      }
      const { rows, own } = await scorer.top(theirs, {
        targets: new Set(places.map((place) => place.teacher)),
        own: new Set(places.flatMap(({ group }) => group?.teacher ?? [])),
        k,
        signal,
      })
      const rowAt = ({ teacher: at, group }: TeacherPlace): TeacherRow => {
        const row = rows.get(at) as TeacherRow
        if (!group) return tokens ? rowOfGroup(namedIn(row, tokens), { group: null, k }) : row
        const probability = Math.exp(group.teacher.reduce((sum, token) => sum + (own.get(token) as number), 0))
        return rowOfGroup(namedIn(row, tokens), { group: { label: group.label, first: Array.from(row.ids).indexOf(theirs[at] as number), probability }, k })
      }
      return { rows: new Map(places.map((place) => [place.student, rowAt(place)])) }
    },
    dispose: async () => scorer?.dispose(),
  }
}

/** What a row names, by the student's ids; several of the teacher's tokens may be one of them. */
const namedIn = ({ ids, logProbs }: TeacherRow, tokens: TokenMap | null): NamedToken[] =>
  Array.from(ids, (id, i) => ({ id: tokens ? (tokens.toStudent[id] ?? -1) : id, probability: Math.exp(logProbs[i] as number) }))

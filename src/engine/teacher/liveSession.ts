// The teacher's side of a run that trains: reads what is wanted next, keeps it in a file, and hands over what the file has.
import { setTimeout as wait } from 'node:timers/promises'
import { RetortError } from '../../shared/errors.ts'
import { fingerprintLines, openLineSource } from '../files/index.ts'
import { openStudent } from '../llama/index.ts'
import { lessonSchema, type Lesson } from './lessons.ts'
import type { LiveEvent, LiveJob } from './liveProtocol.ts'
import { localMeta, sidesOf } from './localJobs.ts'
import { createReader } from './localTeacher.ts'
import { sameTeacher, sayTeacher, teacherChanged } from './sameTeacher.ts'
import { openTeacherWriter, type TeacherWriter } from './store.ts'

export type LiveSession = {
  /** In place of what was wanted before; what is being read is read to its end. */
  want(keys: readonly string[]): void
  /** Lets go of the file. */
  dispose(): void
}

export type LiveSessionInput = { readonly job: LiveJob; readonly emit: (event: LiveEvent) => void; /** Told of what ends it. */ readonly onFailure: (error: unknown) => void; readonly signal: AbortSignal }

/** A process that was killed together with its trainer lets go of the file when its last pass is done. */
const BUSY_MS = 60_000
const AGAIN_MS = 200

/** Throws RetortError for files that cannot be used, `teacher-changed` among them. */
export async function openLiveSession({ job, emit, onFailure, signal }: LiveSessionInput): Promise<LiveSession> {
  const { k, context } = job
  const lessons = readLessons(job)
  const student = await openStudent({ path: job.student, weights: 'none', signal })
  const teacher = await openStudent({ path: job.teacher, as: 'teacher', weights: 'loaded', signal })
  const sides = sidesOf(student, teacher)
  const vocabulary = sides.tokens && { shared: sides.tokens.shared, overlap: sides.tokens.overlap }
  const meta = await localMeta(sides, context)
  if (job.known && !sameTeacher(meta, job.known)) throw changed(job.teacher, { found: sayTeacher(meta), expected: sayTeacher(job.known) })
  const writer = await whenFree(() => openTeacherWriter(job.file, { k, meta, shared: vocabulary?.shared ?? null }), signal)
  const reader = createReader({ teacher, tokens: sides.tokens, k, threads: job.threads })
  let queue: readonly string[] = []
  let reading = false

  /** All places of a lesson at once, whatever the recipe trains: the numbers are then those of a file that was made before. */
  const learn = async (lesson: Lesson): Promise<void> => {
    const known = writer.done.get(lesson.key)
    if (lesson.places.every((place) => known?.has(place.student))) return
    const answer = await reader.read(lesson.theirs, lesson.places, signal)
    if ('left' in answer) throw new Error(`a lesson that was not to be made: ${answer.left.reason}`)
    writer.append(lesson.key, answer.rows)
  }
  const work = async (): Promise<void> => {
    reading = true
    for (let [key, ...rest] = queue; key !== undefined; [key, ...rest] = queue) {
      queue = rest
      for (const lesson of lessons.get(key) ?? []) await learn(lesson)
      emit({ type: 'rows', key, rows: writer.read(key) })
    }
    reading = false
  }
  emit({ type: 'ready', label: meta.label, vocabulary })
  return {
    want(keys) {
      queue = keys
      if (!reading) work().catch(onFailure)
    },
    dispose: () => writer.close(),
  }
}

function readLessons({ lessons: { path, sha256, lines } }: LiveJob): Map<string, Lesson[]> {
  const found = fingerprintLines(path)
  const damaged = (what: string): RetortError =>
    new RetortError({ code: 'run-damaged', message: "the teacher's lessons of this run are not what they were", where: path, found: what, expected: `${lines} lines with sha256 ${sha256}` })
  if (found.sha256 !== sha256) throw damaged(`${found.lines} lines with sha256 ${found.sha256}`)
  const byKey = new Map<string, Lesson[]>()
  for (const line of openLineSource(path).lines()) {
    if (!('text' in line)) throw damaged('a line that cannot be read')
    const lesson = lessonSchema.parse(JSON.parse(line.text))
    byKey.set(lesson.key, [...(byKey.get(lesson.key) ?? []), lesson])
  }
  return byKey
}

async function whenFree(open: () => TeacherWriter, signal: AbortSignal): Promise<TeacherWriter> {
  for (let left = BUSY_MS; ; left -= AGAIN_MS) {
    try {
      return open()
    } catch (error) {
      const code = error instanceof RetortError ? error.code : null
      if (code === 'other-teacher') throw changed((error as RetortError).where ?? '', { found: (error as RetortError).found ?? '', expected: 'the file whose distributions the run has begun with' })
      if (code !== 'teacher-busy' || left <= 0) throw error
      await wait(AGAIN_MS, undefined, { signal })
    }
  }
}

const changed = (where: string, said: { readonly found: string; readonly expected: string }): RetortError =>
  teacherChanged({ where, ...said, advice: 'put the file back, or start a new run' })

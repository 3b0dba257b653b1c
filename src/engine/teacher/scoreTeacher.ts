// A teacher reads the recorded trajectories: its distribution over each token of the agent goes into the file.
import { setImmediate as breathe } from 'node:timers/promises'
import type { Shown, TeacherReport, TeachProgress } from '../../shared/contract/teaching.ts'
import type { Left } from '../../shared/contract/training.ts'
import { openStudent, type Student } from '../llama/index.ts'
import { getTrajectory, listTrajectories, type Project } from '../project/index.ts'
import { teacherFileIn } from './files.ts'
import { openLocalTeacher } from './localTeacher.ts'
import { createSlots } from './slots.ts'
import type { TeacherJob, TeacherSource, WantedTeacher } from './source.ts'
import { exampleKey, massOf, openTeacherWriter, type TeacherWriter } from './store.ts'

export type TeachRequest = {
  readonly project: Project
  readonly teacher: WantedTeacher
  /** GGUF file whose tokens are named. */
  readonly student: string
  /** The file of distributions; left open: one in the project's folder `teachers`. */
  readonly path?: string | undefined
  readonly k: number
  /** `answer`: the teacher, not the student, is told which answer the run ends with. */
  readonly context: Shown
  readonly onProgress: (progress: TeachProgress) => void
  readonly signal: AbortSignal
}

/**
 * Goes on where it was stopped: what the file holds is not scored again. Throws RetortError for models that cannot be used, and
 * for an endpoint that gives no log-probabilities of a prompt.
 */
export async function scoreTeacher(request: TeachRequest): Promise<TeacherReport> {
  const student = await openStudent({ path: request.student, weights: 'none', signal: request.signal })
  try {
    const count = createCount(request)
    const source = await sourceOf(request, { student, onNotice: (text) => count.notice(text) })
    try {
      const path = request.path ?? teacherFileIn(request.project.folder, { ...request, meta: source.meta })
      count.writes(path)
      const writer = openTeacherWriter(path, { k: request.k, meta: source.meta, shared: source.shared })
      try {
        await scoreAll(request, { source, writer, count })
      } finally {
        writer.close()
      }
      return { ...count.report(), path, label: source.meta.label, k: request.k, overlap: source.meta.overlap, bytesPerToken: 8 * request.k + 4 }
    } finally {
      await source.dispose()
    }
  } finally {
    await student.dispose()
  }
}

async function sourceOf({ teacher, context, k, signal }: TeachRequest, { student, onNotice }: { student: Student; onNotice: (text: string) => void }): Promise<TeacherSource> {
  switch (teacher.type) {
    case 'local':
      return openLocalTeacher({ student, path: teacher.path, context, k, signal })
    case 'endpoint':
      // With what speaks to endpoints, which nobody else needs.
      return (await import('./endpointTeacher.ts')).openEndpointTeacher({ ...teacher, student, context, k, onNotice, signal })
  }
}

async function scoreAll({ project, signal: outer }: TeachRequest, { source, writer, count }: { source: TeacherSource; writer: TeacherWriter; count: Count }): Promise<void> {
  const slots = createSlots(source.concurrency, outer)
  const ask = async (trajectoryId: string, job: TeacherJob, wanted: readonly number[]): Promise<void> => {
    const answer = await job.ask(new Set(wanted), slots.signal)
    if ('left' in answer) return count.left({ trajectoryId, ...answer.left })
    writer.append(exampleKey(job.example.ids), answer.rows)
    count.scored([...answer.rows.values()].map(massOf))
  }
  try {
    const all = listTrajectories(project)
    count.begin(all.length)
    for (const { id } of all) {
      // What is all in the file already is gone through without a wait of its own.
      await breathe()
      slots.signal.throwIfAborted()
      const { jobs, reason } = source.jobs(getTrajectory(project, id))
      if (reason !== null) count.left({ trajectoryId: id, reason, why: 'refused' })
      const asked: Promise<void>[] = []
      for (const job of jobs) {
        const done = writer.done.get(exampleKey(job.example.ids))
        const wanted = done && source.once ? [] : job.tokens.filter((token) => !done?.has(token))
        count.found({ of: job.tokens.length + job.missed, known: done && source.once ? done.size : job.tokens.length - wanted.length })
        if (wanted.length > 0) asked.push((await slots.begin(() => ask(id, job, wanted))).ended)
      }
      void Promise.all(asked).then(() => count.trajectoryDone())
    }
  } finally {
    await slots.settle()
  }
  slots.throwFailure()
}

type Count = ReturnType<typeof createCount>

/** What has been found and scored so far; each change is told. */
function createCount({ path: wanted, teacher, onProgress }: Pick<TeachRequest, 'path' | 'teacher' | 'onProgress'>) {
  const left: Left[] = []
  const totals = { done: 0, total: 0, tokens: 0, of: 0, mass: 0, rows: 0 }
  let notice: string | null = null
  /** null: which file it will be is not known yet. */
  let path = wanted ?? null
  const name = teacher.type === 'local' ? teacher.path.replace(/^.*[\\/]/, '') : teacher.model
  const meanMass = (): number | null => (totals.rows === 0 ? null : totals.mass / totals.rows)
  const tell = (): void => {
    const { done, total, tokens, of } = totals
    onProgress({ path, teacher: name, done, total, tokens, of, mass: meanMass(), notice })
  }
  return {
    writes(file: string): void {
      path = file
    },
    begin(total: number): void {
      totals.total = total
      tell()
    },
    /** Tokens of an example, and those of them that the file has. */
    found({ of, known }: { of: number; known: number }): void {
      totals.of += of
      totals.tokens += known
    },
    scored(masses: readonly number[]): void {
      totals.rows += masses.length
      totals.tokens += masses.length
      totals.mass += masses.reduce((sum, one) => sum + one, 0)
      tell()
    },
    left: (one: Left): void => void left.push(one),
    notice(text: string): void {
      notice = text
      tell()
    },
    trajectoryDone(): void {
      totals.done += 1
      tell()
    },
    report: () => ({ tokens: totals.tokens, of: totals.of, scored: totals.rows, mass: meanMass(), left }),
  }
}

// What every teacher is to those who ask it: who it is, what it can be asked about a trajectory, and its answers.
import type { TopkMeta } from '../../core/formats/topk/index.ts'
import type { TeacherRow } from '../../core/ports/index.ts'
import type { Asks } from '../../shared/contract/teaching.ts'
import type { Left } from '../../shared/contract/training.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { CorrectedTrajectory } from '../project/index.ts'
import type { Endpoint, Patience } from '../providers/index.ts'

/** Who is asked: a GGUF file, or a model of an endpoint. */
export type WantedTeacher =
  | { readonly type: 'local'; readonly path: string }
  | {
      readonly type: 'endpoint'
      readonly endpoint: Endpoint
      readonly model: string
      readonly asks: Asks
      /** Requests at a time. */
      readonly concurrency: number
      readonly patience?: Patience
    }

/** Rows by the student's tokens, or why there are none. */
export type TeacherAnswer = { readonly rows: ReadonlyMap<number, TeacherRow> } | { readonly left: Pick<Left, 'reason' | 'why'> }

/** One question: an example of the student, whole. */
export type TeacherJob = {
  readonly example: MaskedExample
  /** The student's tokens that it is about, and how many of the agent's it cannot be about. */
  readonly tokens: readonly number[]
  readonly missed: number
  /** `wanted`: those of its tokens that are to be answered. */
  readonly ask: (wanted: ReadonlySet<number>, signal: AbortSignal) => Promise<TeacherAnswer>
}

export type TeacherSource = {
  readonly meta: TopkMeta
  /** One entry a token of the student: whether the teacher has its string; null: all tokens are the same, or the teacher's are not known. */
  readonly shared: Uint8Array | null
  /** Questions at a time. */
  readonly concurrency: number
  /** What was asked once is not asked again, also where the answer left tokens open. */
  readonly once: boolean
  readonly jobs: (corrected: CorrectedTrajectory) => { readonly jobs: readonly TeacherJob[]; /** Why there are none; null: there are. */ readonly reason: string | null }
  readonly dispose: () => Promise<void>
}

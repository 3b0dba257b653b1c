// Messages between a trainer and the process of its teacher.
import type { Rows } from '../../core/formats/topk/index.ts'
import type { SharedVocabulary } from '../../core/ports/index.ts'
import type { Shown } from '../../shared/contract/teaching.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { TeacherMeta } from '../../shared/records/teacherMeta.ts'

export type LiveJob = {
  /** GGUF files. */
  readonly teacher: string
  readonly student: string
  readonly context: Shown
  readonly k: number
  /** What its distributions were when the run was made; absent where the run does not say. */
  readonly known?: TeacherMeta
  /** The run's lessons, as they were when it was made. */
  readonly lessons: { readonly path: string; readonly sha256: string; readonly lines: number }
  /** Where distributions are kept as soon as they are computed: a file as `retort teacher` makes it. */
  readonly file: string
  readonly threads: number
}

export type LiveCommand =
  | { readonly type: 'start'; readonly job: LiveJob }
  /** Keys of examples, most urgent first, in place of what was wanted before. */
  | { readonly type: 'want'; readonly keys: readonly string[] }
  | { readonly type: 'end' }

export type LiveEvent =
  | { readonly type: 'ready'; readonly label: string; readonly vocabulary: SharedVocabulary | null }
  | { readonly type: 'rows'; readonly key: string; readonly rows: readonly Rows[] }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }

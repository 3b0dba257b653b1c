// Messages between an engine and its trainer process.
import type { Heldout, MetricsLine, TrainSummary } from '../../shared/contract/training.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'

export type TrainerJob = {
  readonly kind: 'train'
  readonly runDir: string
  /** Where the run's student lies now. */
  readonly student: string
  /** Where the dequantised weights of students are kept. */
  readonly cacheDir: string
}

export type TrainerCommand = { readonly type: 'start'; readonly job: TrainerJob } | { readonly type: 'pause' | 'resume' | 'stop' }

export type TrainerPhase = 'loading' | 'heldout-before' | 'training' | 'heldout-after' | 'saving'

export type TrainerEvent =
  | { readonly type: 'phase'; readonly phase: TrainerPhase; readonly done: number; readonly total: number }
  | { readonly type: 'step'; readonly metrics: MetricsLine; readonly steps: number }
  | { readonly type: 'heldout'; readonly when: 'before' | 'after'; readonly result: Heldout }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'paused' | 'resumed' }
  | { readonly type: 'ended'; readonly summary: TrainSummary }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }

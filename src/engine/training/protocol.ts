// Messages between an engine and its trainer process.
import type { GateDecision } from '../../shared/contract/planning.ts'
import type { Alert, Heldout, HeldoutPoint, MetricsLine, Sample } from '../../shared/contract/metrics.ts'
import type { TrainSummary } from '../../shared/contract/training.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { ProviderName } from '../../shared/records/provider.ts'

export type TrainerJob = {
  readonly kind: 'train'
  readonly runDir: string
  /** Where the run's student lies now. */
  readonly student: string
  /** The run's own, unless a user has told it to go on with another. */
  readonly provider: ProviderName
  /** Where the dequantised weights of students are kept. */
  readonly cacheDir: string
}

/** `Job`: of a run of another sort. */
export type TrainerCommand<Job = TrainerJob> = { readonly type: 'start'; readonly job: Job } | { readonly type: 'pause' | 'resume' | 'stop' }

export type TrainerPhase = 'loading' | 'base' | 'teacher' | 'heldout-before' | 'training' | 'heldout' | 'heldout-after' | 'samples' | 'saving'

export type TrainerEvent =
  | { readonly type: 'phase'; readonly phase: TrainerPhase; readonly done: number; readonly total: number }
  /** Training goes on after this many steps; what was measured later is forgotten and made again. */
  | { readonly type: 'restored'; readonly step: number }
  /** `etaSeconds`: to the end, evaluations and saving included; null: not known yet. */
  | { readonly type: 'step'; readonly metrics: MetricsLine; readonly steps: number; readonly etaSeconds: number | null }
  /** `result` is over the whole held-out side, while training over that of the point. */
  | { readonly type: 'heldout'; readonly when: 'before' | 'during' | 'after'; readonly result: Heldout; readonly point: HeldoutPoint }
  /** Resident memory of the trainer, about each two seconds. */
  | { readonly type: 'memory'; readonly bytes: number; readonly peak: number }
  | { readonly type: 'alert'; readonly alert: Alert }
  /** Answers to held-out prompts. */
  | { readonly type: 'samples'; readonly samples: readonly Sample[] }
  /** What was decided at a gate of the plan; a notice says it in words. */
  | { readonly type: 'gate'; readonly decision: GateDecision }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'paused' | 'resumed' }
  | { readonly type: 'ended'; readonly summary: TrainSummary }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }

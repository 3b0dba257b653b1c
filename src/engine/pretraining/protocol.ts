// Messages between a command and the trainer process of a run from nothing.
import type { MergedType } from '../../shared/contract/exporting.ts'
import type { PretrainReport, PretrainStep } from '../../shared/contract/pretraining.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'

/** The folder of a run, the file that its model becomes, the type of that file's matrices, and what shall be otherwise from now on. */
export type PretrainJob = { readonly dir: string; readonly out: string; readonly type: MergedType; readonly change?: PretrainChange | undefined }
/** `steps`: the run ends there instead; the learning rate is that of a run of so many. `window`: as many tokens a step as before, in other windows. */
export type PretrainChange = { readonly steps?: number | undefined; readonly window?: number | undefined }
export type PretrainerJob = PretrainJob & { readonly kind: 'pretrain' }

export type PretrainerEvent =
  | { readonly type: 'step'; readonly step: PretrainStep; readonly steps: number }
  /** Windows of a held-out measurement that are done. */
  | { readonly type: 'measuring'; readonly done: number; readonly total: number }
  /** Mean held-out loss (nats a token) after so many steps. */
  | { readonly type: 'heldout'; readonly step: number; readonly nll: number }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'memory'; readonly bytes: number; readonly peak: number }
  | { readonly type: 'paused' | 'resumed' }
  | { readonly type: 'ended'; readonly summary: PretrainReport }
  | { readonly type: 'failed'; readonly error: RetortErrorParts }

// Messages between an engine and its preparation process.
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import type { ExportReport, ExportTarget, MergedType } from '../../shared/contract/exporting.ts'
import type { Which } from '../../shared/contract/training.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import type { Complexity, Plan } from '../../shared/records/plan.ts'
import type { PlanPhase } from './draftPlan.ts'
import type { SettingsInput } from './settings.ts'

/** `project` is the folder. */
export type RunRequest = {
  readonly project: string
  readonly student: string
  readonly settings: SettingsInput
  /** The curriculum, and where what it takes of the student's own losses is kept. */
  readonly plan?: Plan | undefined
  readonly cacheDir: string
  /** When it is made: although it is estimated not to fit into memory. */
  readonly allowMemoryOverrun?: boolean | undefined
}
/** Without `tokensPerSecond`: the rate of the newest run with this student. */
export type SimulateRequest = RunRequest & { readonly plan: Plan; readonly tokensPerSecond: number | undefined }
export type ComplexityRequest = Omit<RunRequest, 'plan'> & { readonly complexity: Complexity; readonly bins: number }
export type ExportRequest = {
  readonly project: string
  readonly run: string
  readonly to: ExportTarget
  readonly which: Which | undefined
  readonly out: string | undefined
  /** Of merged files. */
  readonly type?: MergedType | undefined
  /** Where the run's student lies now; left open: where it was, or in one of the folders. */
  readonly student?: string | undefined
  readonly folders: readonly string[]
}

export type PreparationTask =
  | { readonly type: 'preview'; readonly request: RunRequest }
  | { readonly type: 'create'; readonly request: RunRequest }
  | { readonly type: 'simulate'; readonly request: SimulateRequest }
  | { readonly type: 'complexity'; readonly request: ComplexityRequest }
  | { readonly type: 'export'; readonly request: ExportRequest }

export type PreparationResults = {
  readonly preview: RunPreview
  readonly create: string
  readonly simulate: Simulation
  readonly complexity: ComplexityReport
  readonly export: ExportReport
}

/** Tasks are done in the order they come. */
export type PreparationCommand =
  | { readonly type: 'task'; readonly id: number; readonly task: PreparationTask }
  | { readonly type: 'cancel'; readonly id: number }

export type PreparationEvent =
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly total: number; readonly phase: PlanPhase }
  | { readonly type: 'done'; readonly id: number; readonly result: PreparationResults[keyof PreparationResults] }
  | { readonly type: 'failed'; readonly id: number; readonly error: RetortErrorParts }

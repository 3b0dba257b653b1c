// What is done on whole data sets before a run trains and after it: previews, making runs, exports; in a process of its own.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import type { ExportReport } from '../../shared/contract/exporting.ts'
import { openStudent, type Student } from '../llama/index.ts'
import { getTrajectory, openProject, revisionNow, type Project, type RevisionNow } from '../project/index.ts'
import { defaultExportPath, exportRun } from './exportRun.ts'
import type { PlanPhase } from './draftPlan.ts'
import { createMaskMemory } from './maskMemory.ts'
import type { MaskMemory } from './prepareRun.ts'
import type { ComplexityRequest, ExportRequest, RunRequest, SimulateRequest } from './preparationProtocol.ts'
import { previewRun } from './previewRun.ts'
import { planMemory } from './memoryFit.ts'
import { rateOf } from './rateOf.ts'
import { runFolderOf } from './runId.ts'
import { measureComplexity, simulate, type PlanWorld } from './simulation.ts'
import { createRun } from './startRun.ts'
import { createLossSource } from './studentLosses.ts'

export type Progress = { readonly onProgress: (done: number, total: number, phase: PlanPhase) => void; readonly signal: AbortSignal }

export type Preparation = {
  /** What a run would do. What cannot be started has its reason in `blocked`; throws only where there is nothing to look at. */
  preview(request: RunRequest, progress: Progress): Promise<RunPreview>
  /** Makes the run and yields its id; nothing is trained yet. */
  create(request: RunRequest, progress: Progress): Promise<string>
  /** What a plan would do with the project's trajectories. */
  simulate(request: SimulateRequest, progress: Progress): Promise<Simulation>
  /** How hard they are. */
  complexity(request: ComplexityRequest, progress: Progress): Promise<ComplexityReport>
  /** Progress in bytes, of merged files only. */
  export(request: ExportRequest, progress: Progress): Promise<ExportReport>
  dispose(): Promise<void>
}

type OpenStudent = { readonly key: string; readonly student: Student; readonly masks: MaskMemory }

/** Keeps the last student, its masks and the last project open between calls, which come one after the other. */
export function createPreparation(): Preparation {
  let project: Project | null = null
  let revision: { project: Project; key: string; now: RevisionNow } | null = null
  let last: OpenStudent | null = null

  const projectOf = (folder: string): Project => {
    if (project?.folder === resolve(folder)) return project
    project?.dispose()
    project = openProject(folder, { create: false })
    return project
  }
  const studentOf = async (path: string, signal: AbortSignal): Promise<OpenStudent> => {
    const stats = statSync(path, { throwIfNoEntry: false })
    const key = stats ? `${path} ${stats.mtimeMs} ${stats.size} ${stats.ino}` : ''
    if (last && key !== '' && last.key === key) return last
    await last?.student.dispose()
    last = null
    last = { key, student: await openStudent({ path, weights: 'none', signal }), masks: createMaskMemory() }
    return last
  }
  /** Read and hashed anew only after someone else has written to the project. */
  const revisionOf = (opened: Project, heldout: number): RevisionNow => {
    const version = opened.store.statement('PRAGMA data_version').get()?.['data_version']
    const key = `${String(version)} ${heldout}`
    if (revision?.project === opened && revision.key === key) return revision.now
    revision = { project: opened, key, now: revisionNow(opened, { heldout }) }
    return revision.now
  }
  /** What plans are made over: the project as it is now, and the student. */
  const planWorld = (request: Omit<RunRequest, 'plan'>, { onProgress, signal }: Progress): PlanWorld => {
    const opened = projectOf(request.project)
    return {
      settings: request.settings,
      revisionOf: (heldout) => revisionOf(opened, heldout),
      openStudent: () => studentOf(request.student, signal),
      losses: createLossSource(request),
      onProgress: (phase, done, total) => onProgress(done, total, phase),
      signal,
    }
  }
  return {
    simulate: (request, progress) => {
      const { plan, student, tokensPerSecond } = request
      const rate = rateOf({ given: tokensPerSecond, project: projectOf(request.project), student })
      return simulate({ ...planWorld(request, progress), plan, rate, memory: planMemory(student) })
    },
    complexity: (request, progress) => measureComplexity(planWorld(request, progress), request),
    preview: async ({ project: folder, student, settings, plan, cacheDir }, { onProgress, signal }) => {
      const opened = projectOf(folder)
      const progress = { onProgress: (done: number, total: number) => onProgress(done, total, 'masking'), signal }
      return previewRun({
        ...progress,
        settings,
        ...(plan && { plan: { plan, losses: createLossSource({ student, cacheDir }) } }),
        revisionOf: (heldout) => revisionOf(opened, heldout),
        taskOf: (id) => getTrajectory(opened, id).task.question,
        openStudent: () => studentOf(student, progress.signal),
        studentPath: student,
      })
    },
    create: async ({ project: folder, student: path, settings, plan, cacheDir, allowMemoryOverrun }, { onProgress, signal }) => {
      const opened = projectOf(folder)
      const { student, masks } = await studentOf(path, signal)
      const data = (heldout: number): RevisionNow => revisionOf(opened, heldout)
      const onPrepare = (done: number, total: number): void => onProgress(done, total, 'masking')
      const watch = { onPrepare, onPrepared: () => {}, signal }
      const withPlan = plan && { plan, losses: createLossSource({ student: path, cacheDir }) }
      return createRun(opened, { student: path, settings, plan: withPlan, allowMemoryOverrun, opened: { student, masks, data } }, watch)
    },
    export: async ({ project: folder, run, to, which, out, ...merging }, { onProgress, signal }) => {
      const opened = projectOf(folder)
      const path = out ?? defaultExportPath(opened.exportsFolder, { run, to, type: merging.type })
      const watch = { onProgress: (done: number, total: number) => onProgress(done, total, 'masking'), signal }
      return exportRun({ dir: runFolderOf(opened, run), to, which, out: path, merging, watch })
    },
    dispose: async () => {
      project?.dispose()
      await last?.student.dispose()
      project = last = null
    },
  }
}

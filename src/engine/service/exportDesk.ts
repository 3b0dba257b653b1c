// The desk of exports: they go on without a page; merged files, which take minutes, one after the other in a process of their own.
import { randomBytes } from 'node:crypto'
import type { ExportJob, ExportTarget, MergedType } from '../../shared/contract/exporting.ts'
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import type { Which } from '../../shared/contract/training.ts'
import { errorParts } from '../../shared/errors.ts'
import { asRetortError } from '../files/index.ts'
import { studentFolders, type Machine } from '../paths.ts'
import type { Project } from '../project/index.ts'
import { createPreparationProcess, defaultExportPath, runFolderOf, type Preparation } from '../training/index.ts'
import type { Broadcast } from './broadcast.ts'
import { nextChange } from './nextChange.ts'

/** What is left open is as `runs.exporting.start` says. */
export type WantedExport = {
  readonly run: string
  readonly to: ExportTarget
  readonly which?: Which | undefined
  readonly out?: string | undefined
  readonly type?: MergedType | undefined
  readonly student?: string | undefined
}

export type ExportDesk = {
  /** Yields the job's id. */
  start(project: Project, wanted: WantedExport): string
  /** The project's jobs as they are, then after each change; whoever reads slowly gets the newest. Ends with the signal. */
  watch(project: Project, signal: AbortSignal | undefined): AsyncGenerator<{ jobs: ExportJob[] }, void, undefined>
  /** Resolves when it has stopped: nothing is left of it. Another id is none that runs. */
  cancel(project: Project, id: string): Promise<void>
  /** Takes a job that has ended off the list. */
  dismiss(project: Project, id: string): void
  /** Stops all. */
  dispose(): Promise<void>
}

export type ExportDeskInput = {
  readonly machine: Machine
  readonly changed: Broadcast<AppEvent>
  /** Makes what takes seconds. */
  readonly preparation: Preparation
}

type Running = { readonly stop: AbortController; readonly ended: Promise<void> }

export function createExportDesk({ machine, changed, preparation }: ExportDeskInput): ExportDesk {
  /** A look at a mask does not wait for minutes until a file is written. */
  const merging = createPreparationProcess()
  /** By the project's folder, oldest first. */
  const jobs = new Map<string, readonly ExportJob[]>()
  const running = new Map<string, Running>()
  const wakers = new Set<() => void>()
  let last: Promise<void> = Promise.resolve()
  let closed = false

  const of = (folder: string): readonly ExportJob[] => jobs.get(folder) ?? NONE
  const set = (folder: string, next: readonly ExportJob[]): void => {
    jobs.set(folder, next)
    for (const wake of wakers) wake()
  }
  const change = (folder: string, id: string, part: Pick<ExportJob, 'seconds' | 'state'>): void =>
    set(folder, of(folder).map((job) => (job.id === id ? { ...job, ...part } : job)))
  const remove = (folder: string, id: string): void => set(folder, of(folder).filter((job) => job.id !== id))

  async function run({ folder }: Project, { id, path, wanted, signal }: { id: string; path: string; wanted: WantedExport; signal: AbortSignal }): Promise<void> {
    const startedAt = performance.now()
    const seconds = (): number => (performance.now() - startedAt) / 1000
    change(folder, id, { seconds: 0, state: { type: 'running', done: 0, total: 0 } })
    const onProgress = (done: number, total: number): void => change(folder, id, { seconds: seconds(), state: { type: 'running', done, total } })
    const { run, to, which, type, student } = wanted
    const process = to === 'merged-gguf' ? merging : preparation
    try {
      signal.throwIfAborted()
      const request = { project: folder, run, to, which, out: path, type, student, folders: studentFolders(machine) }
      const report = await process.export(request, { onProgress, signal })
      change(folder, id, { seconds: seconds(), state: { type: 'done', report } })
    } catch (error) {
      if (signal.aborted) remove(folder, id)
      else change(folder, id, { seconds: seconds(), state: { type: 'failed', error: errorParts(asRetortError(error, FAILED)) } })
    } finally {
      running.delete(id)
      changed.send({ type: 'runs', project: folder })
    }
  }

  return {
    start(project, wanted) {
      const { run: whose, to, type, out } = wanted
      const { folder } = project
      // What is no run's id names no file.
      runFolderOf(project, whose)
      const id = randomBytes(8).toString('hex')
      const stop = new AbortController()
      const path = out ?? defaultExportPath(project.exportsFolder, { run: whose, to, type })
      const merged = to === 'merged-gguf'
      const job: ExportJob = { id, run: whose, to, ...(merged && { type: type ?? 'F16' }), path, seconds: 0, state: { type: 'waiting' } }
      // What is written anew has one line.
      set(folder, [...of(folder).filter((known) => known.path !== path || !hasEnded(known)), job])
      const begin = (): Promise<void> => run(project, { id, path, wanted, signal: stop.signal })
      const ended = merged ? (last = last.then(begin)) : begin()
      running.set(id, { stop, ended })
      return id
    },
    async *watch({ folder }, signal) {
      let told: readonly ExportJob[] | undefined
      while (!signal?.aborted && !closed) {
        const now = of(folder)
        if (now !== told) {
          told = now
          yield { jobs: [...now] }
        } else await nextChange(wakers, signal)
      }
    },
    async cancel({ folder }, id) {
      const found = running.get(id)
      const job = of(folder).find((known) => known.id === id)
      if (!found || !job) return
      found.stop.abort(new Error('cancelled'))
      // Its turn may be minutes away.
      if (job.state.type === 'waiting') remove(folder, id)
      else await found.ended
    },
    dismiss({ folder }, id) {
      if (of(folder).some((job) => job.id === id && hasEnded(job))) remove(folder, id)
    },
    async dispose() {
      closed = true
      for (const { stop } of running.values()) stop.abort(new Error('the app has ended'))
      for (const wake of wakers) wake()
      await Promise.all([...running.values()].map(({ ended }) => ended))
      await merging.dispose()
    },
  }
}

const NONE: readonly ExportJob[] = []
const FAILED = { code: 'export-failed', message: 'the export failed' }

const hasEnded = ({ state }: ExportJob): boolean => state.type === 'done' || state.type === 'failed'

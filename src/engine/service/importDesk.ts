// The desk of imports: one at a time in a project, going on without a page, its report kept until someone has seen it.
import { randomBytes } from 'node:crypto'
import type { ImportJob } from '../../shared/contract/importing.ts'
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import { dropUploads, systemError } from '../files/index.ts'
import { appFolders, type Machine } from '../paths.ts'
import { importInProcess, type ImportProgress, type Project } from '../project/index.ts'
import type { Broadcast } from './broadcast.ts'
import { claimPaths } from './claimPaths.ts'
import { nextChange } from './nextChange.ts'

export type ImportDesk = {
  /** Yields the import's id; throws RetortError `import-busy` while the project has one that runs. */
  start(project: Project, paths: readonly string[]): string
  /** The project's import as it is, then after each change; whoever reads slowly gets the newest. Ends with the signal. */
  watch(project: Project, signal: AbortSignal | undefined): AsyncGenerator<{ job: ImportJob | null }, void, undefined>
  /** Resolves when it has stopped; files that are done stay, and no report is left. Another id is none that runs. */
  cancel(project: Project, id: string): Promise<void>
  /** Puts the report, or the failure, away. */
  dismiss(project: Project, id: string): void
  /** Stops all. */
  dispose(): Promise<void>
}

type Running = { readonly id: string; readonly stop: AbortController; readonly ended: Promise<void> }

export function createImportDesk({ machine, changed }: { machine: Machine; changed: Broadcast<AppEvent> }): ImportDesk {
  /** By the project's folder: the import that runs, or the last one until it is put away. */
  const jobs = new Map<string, ImportJob>()
  const running = new Map<string, Running>()
  const wakers = new Set<() => void>()
  let closed = false

  const set = (folder: string, job: ImportJob | null): void => {
    if (job) jobs.set(folder, job)
    else jobs.delete(folder)
    for (const wake of wakers) wake()
  }

  async function run({ folder }: Project, { id, paths, signal }: { id: string; paths: readonly string[]; signal: AbortSignal }): Promise<void> {
    const startedAt = performance.now()
    const seconds = (): number => (performance.now() - startedAt) / 1000
    set(folder, { id, seconds: 0, state: { type: 'running', progress: null } })
    try {
      const onProgress = (progress: ImportProgress): void =>
        set(folder, { id, seconds: seconds(), state: { type: 'running', progress } })
      const report = await importInProcess({ folder, paths }, { onProgress, signal })
      set(folder, { id, seconds: seconds(), state: { type: 'done', report } })
    } catch (error) {
      set(folder, signal.aborted ? null : { id, seconds: seconds(), state: { type: 'failed', error: errorParts(asRetortError(error)) } })
    } finally {
      running.delete(folder)
      dropUploads(appFolders(machine).data, paths)
      changed.send({ type: 'trajectories', project: folder })
    }
  }

  return {
    start(project, paths) {
      const { folder } = project
      if (running.has(folder)) {
        const advice = 'wait for its end, or cancel it'
        throw new RetortError({ code: 'import-busy', message: 'the project has an import that runs', where: folder, advice })
      }
      claimPaths(appFolders(machine).data, paths)
      const id = randomBytes(8).toString('hex')
      const stop = new AbortController()
      running.set(folder, { id, stop, ended: run(project, { id, paths, signal: stop.signal }) })
      return id
    },
    async *watch({ folder }, signal) {
      let told: ImportJob | null | undefined
      while (!signal?.aborted && !closed) {
        const job = jobs.get(folder) ?? null
        if (job !== told) {
          told = job
          yield { job }
        } else await nextChange(wakers, signal)
      }
    },
    async cancel({ folder }, id) {
      const found = running.get(folder)
      if (found?.id !== id) return
      found.stop.abort(new Error('cancelled'))
      await found.ended
    },
    dismiss({ folder }, id) {
      if (!running.has(folder) && jobs.get(folder)?.id === id) set(folder, null)
    },
    async dispose() {
      closed = true
      const all = [...running.values()]
      for (const { stop } of all) stop.abort(new Error('the app has ended'))
      for (const wake of wakers) wake()
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}

function asRetortError(error: unknown): RetortError {
  const known = error instanceof RetortError ? error : systemError(error)
  if (known) return known
  const found = error instanceof Error ? error.message : String(error)
  return new RetortError({ code: 'import-failed', message: 'the import failed', found, cause: error })
}

// A desk of long work: one job at a time in a project, going on without a page, its report kept until someone has seen it.
import { randomBytes } from 'node:crypto'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { asRetortError } from '../files/index.ts'
import { nextChange } from './nextChange.ts'

export type Job<Progress, Report> = {
  readonly id: string
  /** Since it began; when it has ended, what it took. */
  readonly seconds: number
  readonly state:
    | { readonly type: 'running'; readonly progress: Progress | null }
    | { readonly type: 'done'; readonly report: Report }
    | { readonly type: 'failed'; readonly error: RetortErrorParts }
}

export type Work<Progress, Report> = (watch: { readonly onProgress: (progress: Progress) => void; readonly signal: AbortSignal }) => Promise<Report>

/** Projects are named by their folders. */
export type JobDesk<Progress, Report> = {
  /** Throws RetortError with the code `busy` while the project has one that runs. */
  requireFree(folder: string): void
  /** Yields the job's id, which may be that of what is made; throws as `requireFree` does. */
  start(folder: string, work: Work<Progress, Report>, id?: string): string
  /** The project's job as it is, then after each change; whoever reads slowly gets the newest. Ends with the signal. */
  watch(folder: string, signal: AbortSignal | undefined): AsyncGenerator<{ job: Job<Progress, Report> | null }, void, undefined>
  /** Resolves when it has stopped; no report is left. Another id is none that runs. */
  cancel(folder: string, id: string): Promise<void>
  /** Puts the report, or the failure, away. */
  dismiss(folder: string, id: string): void
  /** Stops all. */
  dispose(): Promise<void>
}

type Running = { readonly id: string; readonly stop: AbortController; readonly ended: Promise<void> }

/** Words of its errors: while one runs, and for a failure that nobody foresaw. */
type Words = { readonly busy: { readonly code: string; readonly message: string }; readonly failed: { readonly code: string; readonly message: string } }

export function createJobDesk<Progress, Report>({ busy, failed }: Words): JobDesk<Progress, Report> {
  /** By folder: the job that runs, or the last one until it is put away. */
  const jobs = new Map<string, Job<Progress, Report>>()
  const running = new Map<string, Running>()
  const wakers = new Set<() => void>()
  let closed = false

  const set = (folder: string, job: Job<Progress, Report> | null): void => {
    if (job) jobs.set(folder, job)
    else jobs.delete(folder)
    for (const wake of wakers) wake()
  }

  async function run(folder: string, { id, work, signal }: { id: string; work: Work<Progress, Report>; signal: AbortSignal }): Promise<void> {
    const startedAt = performance.now()
    const put = (state: Job<Progress, Report>['state']): void => set(folder, { id, seconds: (performance.now() - startedAt) / 1000, state })
    put({ type: 'running', progress: null })
    // So that work which throws at once ends a job that is known to run.
    await Promise.resolve()
    try {
      const report = await work({ onProgress: (progress) => put({ type: 'running', progress }), signal })
      put({ type: 'done', report })
    } catch (error) {
      if (signal.aborted) set(folder, null)
      else put({ type: 'failed', error: errorParts(asRetortError(error, failed)) })
    } finally {
      running.delete(folder)
    }
  }

  function requireFree(folder: string): void {
    if (running.has(folder)) throw new RetortError({ ...busy, where: folder, advice: 'wait for its end, or cancel it' })
  }

  return {
    requireFree,
    start(folder, work, id = randomBytes(8).toString('hex')) {
      requireFree(folder)
      const stop = new AbortController()
      running.set(folder, { id, stop, ended: run(folder, { id, work, signal: stop.signal }) })
      return id
    },
    async *watch(folder, signal) {
      let told: Job<Progress, Report> | null | undefined
      while (!signal?.aborted && !closed) {
        const job = jobs.get(folder) ?? null
        if (job !== told) {
          told = job
          yield { job }
        } else await nextChange(wakers, signal)
      }
    },
    async cancel(folder, id) {
      const found = running.get(folder)
      if (found?.id !== id) return
      found.stop.abort(new Error('cancelled'))
      await found.ended
    },
    dismiss(folder, id) {
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

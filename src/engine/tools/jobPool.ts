// Child processes that do jobs for the tools of agents, one at a time each; a job that is not awaited any more dies with its process.
import type { ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { ToolContext } from '../../core/agent/index.ts'

/**
 * `stopped`: the process ended, by the signal or by itself, before it answered. `not-prepared`: it did so, or its time for that was
 * over, before it said that it was ready for the job.
 */
export type JobOutcome<Result> = { readonly result: Result } | 'stopped' | 'not-prepared'

/** The signal ends the waiting and the work; the call's time is held until a process is ready for it. */
export type JobContext = Pick<ToolContext<unknown>, 'signal' | 'hold'>

export type JobPool<Job, Result> = {
  /** Jobs begin in order, each as soon as a process is free. Never throws; a process that was stopped is replaced. */
  readonly ask: (job: Job, context: JobContext) => Promise<JobOutcome<Result>>
  /** After the last job. */
  readonly dispose: () => Promise<void>
}

type JobPoolOptions = {
  /** Gives a process that answers each message of IPC with `ready`, then with its result; started when a job finds none free. */
  readonly start: () => ChildProcess
  /** Processes at a time. */
  readonly most?: number
  /** Seconds until a process says that it is ready for the job: it may have to start first. */
  readonly preparing?: number
}

const PREPARING_SECONDS = 60
/** Two at least: one that does not come to an end is not to keep the others. */
const MOST = Math.max(2, Math.min(4, availableParallelism()))

export function openJobPool<Job, Result>({ start, most = MOST, preparing = PREPARING_SECONDS }: JobPoolOptions): JobPool<Job, Result> {
  const idle: ChildProcess[] = []
  const queue: (() => void)[] = []
  const jobs = new Set<Promise<void>>()
  let free = most
  const opened = (): ChildProcess => {
    const child = start()
    // Without a listener an error is thrown; a process that ends while it has nothing to do is not asked again.
    child.on('error', () => undefined)
    child.once('exit', () => {
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1)
    })
    return child
  }
  /** False: the signal came first. */
  const turn = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        free--
        resolve(true)
      }
      const leave = (): void => {
        queue.splice(queue.indexOf(begin), 1)
        resolve(false)
      }
      if (free > 0) return begin()
      queue.push(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  const release = (): void => {
    free++
    queue.shift()?.()
  }
  const done = async (job: Job, { signal, hold }: JobContext, tell: (outcome: JobOutcome<Result>) => void): Promise<void> => {
    const goOn = hold?.() ?? (() => undefined)
    if (!(await turn(signal))) return tell('stopped')
    // The latest: the fewer are ever started.
    const child = idle.pop() ?? opened()
    const outcome = await answered<Result>({ child, job: job as object, signal, goOn, preparing })
    tell(outcome)
    if (typeof outcome === 'string') await ended(child)
    else if (child.connected) idle.push(child)
    release()
  }
  return {
    ask: (job, context) =>
      new Promise((tell) => {
        const work = done(job, context, tell).finally(() => jobs.delete(work))
        jobs.add(work)
      }),
    async dispose() {
      await Promise.all(jobs)
      await Promise.all(idle.map(ended))
    },
  }
}

type Asked = {
  readonly child: ChildProcess
  readonly job: object
  readonly signal: AbortSignal
  readonly goOn: () => void
  readonly preparing: number
}

/** Kills the process when the signal, or the time to prepare, comes first; what it says after that is not heard. */
function answered<Result>({ child, job, signal, goOn, preparing }: Asked): Promise<JobOutcome<Result>> {
  return new Promise((resolve) => {
    let why: 'stopped' | 'not-prepared' = 'not-prepared'
    const timer = setTimeout(() => kill(), preparing * 1000)
    const begin = (): void => {
      why = 'stopped'
      clearTimeout(timer)
      goOn()
    }
    const end = (outcome: JobOutcome<Result>): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      child.off('message', heard)
      child.off('exit', gone)
      child.off('error', gone)
      if (why === 'not-prepared') goOn()
      resolve(outcome)
    }
    const kill = (): void => {
      child.off('message', heard)
      child.kill('SIGKILL')
    }
    const heard = (message: unknown): void => (message === 'ready' ? begin() : end({ result: message as Result }))
    const gone = (): void => end(why)
    const stop = (): void => {
      if (why === 'not-prepared') begin()
      kill()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    child.on('message', heard)
    child.once('exit', gone)
    child.once('error', gone)
    child.send(job, (error) => error && gone())
  })
}

/** Until the process is no more. */
const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

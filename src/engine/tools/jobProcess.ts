// A child process that does one job at a time for the tools of agents, and dies with a job that is not awaited any more.
import type { ChildProcess } from 'node:child_process'

/** `stopped`: the process ended, by the signal or by itself, before it answered. */
export type JobOutcome<Result> = { readonly result: Result } | 'stopped'

export type JobProcess<Job, Result> = {
  /** Jobs wait for each other. Never throws; the next job after a stopped one has a process of its own. */
  readonly ask: (job: Job, signal: AbortSignal) => Promise<JobOutcome<Result>>
  /** After the last job. */
  readonly dispose: () => Promise<void>
}

/** `start`: gives a process that answers each message of IPC with one; it is started with the first job. */
export function openJobProcess<Job, Result>(start: () => ChildProcess): JobProcess<Job, Result> {
  let child: ChildProcess | null = null
  let queue: Promise<unknown> = Promise.resolve()
  return {
    ask(job, signal) {
      const answer = queue.then(() => (signal.aborted ? 'stopped' : inProcess<Result>((child ??= start()), job, signal)))
      queue = answer.then(async (outcome) => {
        if (outcome !== 'stopped' || !child) return
        await ended(child)
        child = null
      })
      return answer
    },
    dispose: async () => {
      await queue
      if (child) await ended(child)
      child = null
    },
  }
}

/** Kills the process when the signal aborts first. */
function inProcess<Result>(child: ChildProcess, job: unknown, signal: AbortSignal): Promise<JobOutcome<Result>> {
  return new Promise((resolve) => {
    const end = (outcome: JobOutcome<Result>): void => {
      signal.removeEventListener('abort', stop)
      child.off('message', answer)
      child.off('exit', gone)
      child.off('error', gone)
      resolve(outcome)
    }
    const answer = (result: unknown): void => end({ result: result as Result })
    const gone = (): void => end('stopped')
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    child.on('message', answer)
    child.once('exit', gone)
    child.once('error', gone)
    child.send(job as object, (error) => error && gone())
  })
}

/** Until the process is no more. */
const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

// A process for SQL: statements one at a time, over whatever databases; one that is not awaited any more ends with its process.
import type { ChildProcess } from 'node:child_process'
import { forkWorker } from '../workers/forkWorker.ts'
import type { SqlJob, SqlResult } from './runSql.ts'

/** Shared by tools over any number of databases: it keeps none. It starts with the first statement; `dispose` it after the last. */
export type SqlProcess = {
  /** Aborting the signal kills the statement at work. Never throws. */
  readonly ask: (job: SqlJob, signal: AbortSignal) => Promise<SqlResult>
  readonly dispose: () => Promise<void>
}

export function openSqlProcess(): SqlProcess {
  let child: ChildProcess | null = null
  let queue: Promise<unknown> = Promise.resolve()
  return {
    ask(job, signal) {
      const answer = queue.then(() => (signal.aborted ? STOPPED : inProcess((child ??= forkWorker('sql', { output: ['ignore', 'inherit'] })), job, signal)))
      queue = answer.then(async (result) => {
        if (result !== STOPPED || !child) return
        await ended(child)
        child = null
      })
      return answer
    },
    async dispose() {
      await queue
      if (child) await ended(child)
    },
  }
}

const STOPPED: SqlResult = { problem: 'the statement was stopped' }

/** Kills the process when the signal aborts first, or when it cannot answer. */
function inProcess(child: ChildProcess, job: SqlJob, signal: AbortSignal): Promise<SqlResult> {
  return new Promise((resolve) => {
    const end = (result: SqlResult): void => {
      signal.removeEventListener('abort', stop)
      child.off('message', answer)
      child.off('exit', gone)
      resolve(result)
    }
    const answer = (result: unknown): void => end(result as SqlResult)
    const gone = (): void => end(STOPPED)
    const stop = (): void => void child.kill('SIGKILL')
    signal.addEventListener('abort', stop, { once: true })
    child.on('message', answer)
    child.once('exit', gone)
    child.send(job, (error) => error && end(STOPPED))
  })
}

/** Until the process is no more. */
const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

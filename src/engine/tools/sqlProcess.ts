// A process for SQL: statements one at a time, over whatever databases; one that is not awaited any more ends with its process.
import { forkWorker } from '../workers/forkWorker.ts'
import { openJobProcess } from './jobProcess.ts'
import type { SqlJob, SqlResult } from './runSql.ts'

/** Shared by tools over any number of databases: it keeps none. It starts with the first statement; `dispose` it after the last. */
export type SqlProcess = {
  /** Aborting the signal kills the statement at work. Never throws. */
  readonly ask: (job: SqlJob, signal: AbortSignal) => Promise<SqlResult>
  readonly dispose: () => Promise<void>
}

export function openSqlProcess(): SqlProcess {
  const { ask, dispose } = openJobProcess<SqlJob, SqlResult>(() => forkWorker('sql', { output: ['ignore', 'inherit'] }))
  return {
    async ask(job, signal) {
      const outcome = await ask(job, signal)
      return outcome === 'stopped' ? { problem: 'the statement was stopped' } : outcome.result
    },
    dispose,
  }
}

// Processes for SQL, one statement at a time each, over whatever databases; one that is not awaited any more ends with its process.
import { forkWorker } from '../workers/forkWorker.ts'
import { type JobContext, openJobPool } from './jobPool.ts'
import type { SqlJob, SqlResult } from './runSql.ts'

/** Shared by tools over any number of databases: it keeps none. A process starts with the first statement; `dispose` after the last. */
export type SqlPool = {
  /** Aborting the signal kills the statement at work. Never throws. */
  readonly ask: (job: SqlJob, context: JobContext) => Promise<SqlResult>
  readonly dispose: () => Promise<void>
}

export function openSqlPool(): SqlPool {
  const { ask, dispose } = openJobPool<SqlJob, SqlResult>({ start: () => forkWorker('sql', { output: ['ignore', 'inherit'] }) })
  return {
    async ask(job, context) {
      const outcome = await ask(job, context)
      return typeof outcome === 'string' ? { problem: 'the statement was stopped' } : outcome.result
    },
    dispose,
  }
}

// SQL over a SQLite database that is held as a value: each episode, and each candidate of a step, has its own.
import type { ChildProcess } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { defineTool, type Kit, openKit } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { SqlJob, SqlResult } from './runSql.ts'

/** Shared by all episodes over one database; `dispose` it after the last. */
export type SqlTool = {
  readonly kit: () => Kit
  readonly dispose: () => Promise<void>
}

const MOST_ROWS = 50
const MOST_STATEMENT = 10_000

/** `access` 'write': statements change the episode's own copy. `script`: SQL that makes the database. Throws RetortError `bad-script`. */
export function openSql({ script, access }: { script: string; access: SqlJob['access'] }): SqlTool {
  const start = databaseOf(script)
  let child: ChildProcess | null = null
  /** One statement at a time; one that is not awaited any more ends with its process. */
  let queue: Promise<unknown> = Promise.resolve()
  const ask = (job: SqlJob, signal: AbortSignal): Promise<SqlResult> => {
    const answer = queue.then(() => (signal.aborted ? STOPPED : inProcess((child ??= forkWorker('sql', { output: ['ignore', 'inherit'] })), job, signal)))
    queue = answer.then(async (result) => {
      if (result !== STOPPED || !child) return
      await ended(child)
      child = null
    })
    return answer
  }
  const row = defineTool<Uint8Array, { query: string }>({
    name: 'sql',
    description: `runs one SQLite statement and gives at most ${MOST_ROWS} rows`,
    arguments: z.strictObject({ query: z.string().min(1).max(MOST_STATEMENT) }),
    async run({ query }, { state, signal }) {
      const result = await ask({ database: state, sql: query, mostRows: MOST_ROWS, access }, signal)
      if ('problem' in result) return { status: 'failed', text: result.problem }
      const { columns, rows, more, database } = result
      const table = columns.length === 0 ? ['done'] : [columns, ...rows].map((cells) => cells.join(' | '))
      const text = [...table, ...(more ? [`[more than ${MOST_ROWS} rows]`] : [])].join('\n')
      // Rows without an order are compared without one.
      const value = JSON.stringify([...rows].map((cells) => JSON.stringify(cells)).sort())
      return { status: 'ok', text, value, ...(database === null ? {} : { state: database }) }
    },
  })
  return {
    kit: () => openKit<Uint8Array>({ tools: [row], start }),
    dispose: async () => {
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

function databaseOf(script: string): Uint8Array {
  // The desktop app brings the Node of its Electron.
  if (typeof DatabaseSync.prototype.serialize !== 'function') {
    throw new RetortError({ code: 'sqlite-too-old', message: 'databases cannot be copied here', found: `Node ${process.versions.node}`, expected: 'a Node whose SQLite gives databases as bytes (24.21)' })
  }
  const database = new DatabaseSync(':memory:')
  try {
    database.exec(script)
    return database.serialize()
  } catch (cause) {
    throw new RetortError({
      code: 'bad-script', message: 'this is no script that makes a database', found: cause instanceof Error ? cause.message : String(cause), expected: 'SQL that SQLite runs', cause,
    })
  } finally {
    database.close()
  }
}

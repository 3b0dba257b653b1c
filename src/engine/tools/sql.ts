// SQL over a SQLite database that is held as a value: each episode, and each candidate of a step, has its own.
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { defineTool, type Kit, openKit } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { clipped } from './clipped.ts'
import type { SqlJob } from './runSql.ts'
import { openSqlPool, type SqlPool } from './sqlPool.ts'

/** Shared by all episodes over one database; `dispose` it after the last. */
export type SqlTool = {
  readonly kit: () => Kit
  readonly dispose: () => Promise<void>
}

const MOST = { rows: 50, cell: 2000, characters: 20_000 }
const MOST_STATEMENT = 10_000

type SqlOptions = {
  /** SQL that makes the database. */
  readonly script: string
  /** 'write': statements change the episode's own copy. */
  readonly access: SqlJob['access']
  /** Stays its owner's; without one the tool has its own. */
  readonly pool?: SqlPool
}

/** Throws RetortError `bad-script`. */
export function openSql({ script, access, pool: shared }: SqlOptions): SqlTool {
  const start = databaseOf(script)
  const pool = shared ?? openSqlPool()
  const row = defineTool<Uint8Array, { query: string }>({
    name: 'sql',
    description: `runs one SQLite statement and gives at most ${MOST.rows} rows`,
    arguments: z.strictObject({ query: z.string().min(1).max(MOST_STATEMENT) }),
    async run({ query }, { state, ...context }) {
      const result = await pool.ask({ database: state, sql: query, most: MOST, access }, context)
      if ('problem' in result) return { status: 'failed', text: result.problem }
      const { columns, rows, more, database } = result
      const table = columns.length === 0 ? ['done'] : [clipped(columns.join(' | '), MOST.characters), ...rows.map((cells) => cells.join(' | '))]
      const left = rows.length === MOST.rows ? `[more than ${MOST.rows} rows]` : `[more rows: the first ${rows.length} have ${MOST.characters} characters]`
      const text = [...table, ...(more ? [left] : [])].join('\n')
      // Rows without an order are compared without one.
      const value = JSON.stringify([...rows].map((cells) => JSON.stringify(cells)).sort())
      return { status: 'ok', text, value, ...(database === null ? {} : { state: database }) }
    },
  })
  return {
    kit: () => openKit<Uint8Array>({ tools: [row], start }),
    dispose: shared ? async () => undefined : pool.dispose,
  }
}

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

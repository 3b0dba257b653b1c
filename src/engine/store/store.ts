// The project database: opened, migrated, its statements cached.
import type { StatementSync } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { RetortError } from '../../shared/errors.ts'
import { migrate } from './migrate.ts'

export type Store = {
  readonly path: string
  /** The prepared statement of an SQL text; texts are constants of this folder, never made from data. */
  readonly statement: (sql: string) => StatementSync
  /**
   * All of `work` or nothing of it; inside another transaction it is a part of that one. What it wrote is on the disk
   * when this returns. `work` is synchronous, so that nothing else gets into the transaction.
   */
  readonly transaction: <Result>(work: () => Result) => Result
  /**
   * Everything `work` reads is of one moment, however long it takes and whatever others write meanwhile; nobody waits for
   * it. `work` is synchronous and writes nothing (SQLite refuses). Inside a transaction it is a part of that one.
   */
  readonly snapshot: <Result>(work: () => Result) => Result
  readonly dispose: () => void
}

/** How long a write waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 10_000

/** Opens the database, creating it when the file is not there; `dispose` it when done. */
export function openStore(path: string): Store {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    migrate(database, path)
  } catch (error) {
    database.close()
    throw asDamaged(error, path)
  }
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, known)
    return known
  }
  const transaction = <Result>(work: () => Result): Result => {
    if (database.isTransaction) return work()
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
  const snapshot = <Result>(work: () => Result): Result => {
    if (database.isTransaction) return work()
    database.exec('PRAGMA query_only = ON; BEGIN')
    try {
      return work()
    } finally {
      database.exec('ROLLBACK; PRAGMA query_only = OFF')
    }
  }
  const dispose = (): void => {
    statements.clear()
    if (database.isOpen) database.close()
  }
  return { path, statement, transaction, snapshot, dispose }
}

/** SQLite's result code for a file that is no database (sqlite.org/rescode.html#notadb), and for a damaged one. */
const NOT_A_DATABASE = 26
const CORRUPT = 11

function asDamaged(error: unknown, path: string): unknown {
  const code = (error as { errcode?: number }).errcode
  if (code !== NOT_A_DATABASE && code !== CORRUPT) return error
  return new RetortError({
    code: 'project-damaged',
    message: 'the database cannot be read',
    found: (error as Error).message,
    expected: 'an SQLite database',
    where: path,
    cause: error,
  })
}

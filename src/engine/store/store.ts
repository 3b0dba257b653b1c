// The project database: opened, migrated, its statements cached.
import type { StatementSync } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from './migrate.ts'
import { sqliteError } from './sqliteError.ts'

/** A transaction that lasts beyond the call that began it. */
export type OpenTransaction = {
  /** Does `work` as a part of it. Where that throws, `rollback` is what is left to do. */
  readonly within: <Result>(work: () => Result) => Result
  /** What was written is on the disk when this returns. */
  readonly commit: () => void
  /** Leaves nothing of it; nothing to do after `commit`. */
  readonly rollback: () => void
}

export type Store = {
  readonly path: string
  /** The prepared statement of an SQL text; texts are constants of this folder, never made from data. */
  readonly statement: (sql: string) => StatementSync
  /**
   * All of `work` or nothing of it; inside another transaction it is a part of that one. What it wrote is on the disk
   * when this returns. `work` is synchronous, so that nothing else gets into the transaction.
   */
  readonly transaction: <Result>(work: () => Result) => Result
  /** As `transaction`, but where another process is writing it throws `project-busy` at once instead of waiting for it. */
  readonly attempt: <Result>(work: () => Result) => Result
  /**
   * Begins a transaction for work that lets others in between: of this connection nothing else may use it until it is
   * ended. Where another process is writing it throws `project-busy` at once.
   */
  readonly begin: () => OpenTransaction
  /**
   * Everything `work` reads is of one moment, however long it takes and whatever others write meanwhile; nobody waits for
   * it. `work` is synchronous and writes nothing (SQLite refuses). Inside a transaction it is a part of that one.
   */
  readonly snapshot: <Result>(work: () => Result) => Result
  readonly dispose: () => void
}

/**
 * Of a new database; others keep theirs. Records of some kilobytes fill such pages, where the default of 4096 leaves a third
 * empty: an import writes 15 % less and takes half the time for its tables (docs/log.md).
 */
const PAGE_BYTES = 16_384

/** How long a write waits for another process's transaction; nothing else happens in this process meanwhile. */
const BUSY_TIMEOUT_MS = 10_000

/** Opens the database and brings its layout to this version's, whatever its projections are. */
export function openDatabase(path: string): Store {
  const explained = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      throw sqliteError(error, path) ?? error
    }
  }
  const database = explained(() => new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true }))
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? explained(() => database.prepare(sql))
    statements.set(sql, known)
    return known
  }
  const transaction = <Result>(work: () => Result): Result => {
    if (database.isTransaction) return work()
    return explained(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    })
  }
  const withoutWaiting = <Result>(work: () => Result): Result => {
    database.exec('PRAGMA busy_timeout = 0')
    try {
      return work()
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }
  const attempt = <Result>(work: () => Result): Result => (database.isTransaction ? work() : withoutWaiting(() => transaction(work)))
  const rollback = (): void => {
    if (database.isOpen && database.isTransaction) database.exec('ROLLBACK')
  }
  const begin = (): OpenTransaction => {
    withoutWaiting(() => explained(() => database.exec('BEGIN IMMEDIATE')))
    return { within: explained, commit: () => explained(() => database.exec('COMMIT')), rollback }
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
  const store = { path, statement, transaction, attempt, begin, snapshot, dispose }
  try {
    explained(() => {
      database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`)
      migrate(database, path)
    })
  } catch (error) {
    dispose()
    throw error
  }
  return store
}

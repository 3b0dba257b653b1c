// One SQL statement over a database that is a value: its bytes go in, rows and the bytes after it come out. For a process of its own.
import { constants, DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { clipped } from './clipped.ts'

declare module 'node:sqlite' {
  /** Of Node 24.21, whose types do not name them yet. */
  interface DatabaseSync {
    serialize(): Uint8Array
    deserialize(database: Uint8Array): void
    /** Not everywhere that databases are copied. */
    readonly limits?: { length: number }
  }
}

export type SqlJob = {
  /** As SQLite serialises a database. */
  readonly database: Uint8Array
  readonly sql: string
  /** Rows; characters of a cell, and of all cells. */
  readonly most: { readonly rows: number; readonly cell: number; readonly characters: number }
  /** `read`: nothing but reading is allowed. */
  readonly access: 'read' | 'write'
}

export type SqlResult =
  | {
      readonly columns: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** Further rows that were not read. */
      readonly more: boolean
      /** null: as before. */
      readonly database: Uint8Array | null
    }
  | { readonly problem: string }

const { SQLITE_OK, SQLITE_DENY } = constants
const READS: ReadonlySet<number> = new Set([constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_FUNCTION, constants.SQLITE_RECURSIVE])
/** What would reach out of the database: files, extensions, settings. */
const OUTSIDE: ReadonlySet<number> = new Set([constants.SQLITE_ATTACH, constants.SQLITE_DETACH, constants.SQLITE_PRAGMA])
/** Functions that make values of any size out of nothing, or load code. */
const REFUSED: ReadonlySet<string> = new Set(['load_extension', 'zeroblob', 'randomblob', 'printf', 'format'])
/** The database may grow to so many pages: 64 MB of pages of 4096 bytes. */
const MOST_PAGES = 16_384
/** Bytes of one value, also half-way, and of all that SQLite holds. */
const MOST_VALUE = 10_000_000
const MOST_MEMORY = 256 * 1024 * 1024

/** Throws only for what is a bug; what SQLite says of the statement is a problem. */
export function runSql({ database: bytes, sql, most, access }: SqlJob): SqlResult {
  const database = new DatabaseSync(':memory:')
  try {
    database.deserialize(bytes)
    database.exec(`PRAGMA max_page_count = ${MOST_PAGES}; PRAGMA hard_heap_limit = ${MOST_MEMORY}`)
    if (database.limits) database.limits.length = MOST_VALUE
    database.setAuthorizer((action, _table, name) => {
      if (action === constants.SQLITE_FUNCTION && REFUSED.has(name ?? '')) return SQLITE_DENY
      return (access === 'read' ? READS.has(action) : !OUTSIDE.has(action)) ? SQLITE_OK : SQLITE_DENY
    })
    const statement = database.prepare(sql)
    const { rows, more } = rowsOf(statement, most)
    const columns = statement.columns().map(({ name }) => clipped(name, most.cell))
    database.setAuthorizer(null)
    return { columns, rows, more, database: access === 'read' ? null : database.serialize() }
  } catch (error) {
    return { problem: clipped(error instanceof Error ? error.message : String(error), most.cell) }
  } finally {
    database.close()
  }
}

function rowsOf(statement: StatementSync, most: SqlJob['most']): { rows: string[][]; more: boolean } {
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  const rows: string[][] = []
  let room = most.characters
  const cell = (value: SQLOutputValue): string => {
    const text = clipped(cellText(value), Math.max(0, Math.min(most.cell, room)))
    room -= text.length
    return text
  }
  for (const row of statement.iterate()) {
    if (rows.length === most.rows || room <= 0) return { rows, more: true }
    rows.push(Object.values(row).map(cell))
  }
  return { rows, more: false }
}

function cellText(value: SQLOutputValue): string {
  if (value === null) return 'NULL'
  return value instanceof Uint8Array ? `${value.length} bytes` : String(value)
}

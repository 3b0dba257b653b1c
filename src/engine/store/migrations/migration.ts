// What a migration is: one step of the database's layout, applied once, in a transaction of its own.
import type { DatabaseSync } from 'node:sqlite'

export type Migration = {
  /** The `user_version` it leads to: 1 more than the one before. */
  readonly version: number
  readonly name: string
  readonly up: (database: DatabaseSync) => void
}

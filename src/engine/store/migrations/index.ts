// All migrations in order. A new one is a new file and a new row; a published one never changes.
import { records } from './001_records.ts'
import { search } from './002_search.ts'
import type { Migration } from './migration.ts'

export { TURNS_PER_TRAJECTORY } from './002_search.ts'
export type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [records, search]

// All migrations in order. A new one is a new file and a new row; a published one never changes.
import { records } from './001_records.ts'
import { search } from './002_search.ts'
import { journal } from './003_journal.ts'
import { packed } from './004_packed.ts'
import type { Migration } from './migration.ts'

export type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = [records, search, journal, packed]

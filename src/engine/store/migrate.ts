// Brings a project database to the layout this program knows, one migration at a time.
import type { DatabaseSync } from 'node:sqlite'
import { RetortError } from '../../shared/errors.ts'
import type { Migration } from './migrations/index.ts'
import { migrations } from './migrations/index.ts'

/** SQLite's application_id of project databases: "RTRT" in ASCII. */
export const APPLICATION_ID = 0x52545254

const numberOf = (database: DatabaseSync, pragma: 'user_version' | 'application_id'): number =>
  Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0])

/** Refuses databases of other programs and of newer versions of this one. `rows` is for tests of single steps. */
export function migrate(database: DatabaseSync, path: string, rows: readonly Migration[] = migrations): void {
  const newest = rows.at(-1)?.version ?? 0
  const version = checkedVersion(database, { path, newest })
  for (const migration of rows.filter((row) => row.version > version)) {
    database.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have been faster between the first look and the lock.
      if (checkedVersion(database, { path, newest }) < migration.version) {
        migration.up(database)
        database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migration.version}`)
      }
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

function checkedVersion(database: DatabaseSync, { path, newest }: { path: string; newest: number }): number {
  const version = numberOf(database, 'user_version')
  const application = numberOf(database, 'application_id')
  const empty = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
  if (application !== APPLICATION_ID && !(empty && version === 0 && application === 0)) {
    throw new RetortError({
      code: 'project-foreign',
      message: 'the database does not belong to this program',
      found: `application id 0x${application.toString(16)}`,
      expected: `0x${APPLICATION_ID.toString(16)}`,
      where: path,
    })
  }
  if (version > newest) {
    throw new RetortError({
      code: 'project-newer',
      message: 'the project was written by a newer version of Retort',
      found: `database version ${version}`,
      expected: `at most ${newest}`,
      where: path,
      advice: 'update Retort, or open the project with the version that wrote it',
    })
  }
  return version
}

// A waiting room for trajectories while their file is being read: a private database that vanishes with the process.
import { DatabaseSync } from 'node:sqlite'
import type { TrajectoryColumns } from './trajectories.ts'
import { COLUMNS } from './trajectories.ts'

export type Staging = {
  readonly add: (row: TrajectoryColumns) => void
  /** In the order they were added. */
  readonly rows: () => Iterable<TrajectoryColumns>
  readonly dispose: () => void
}

/**
 * Reading a file takes as long as it takes and lets other work in between; the project's own database must not be in a
 * transaction meanwhile. So the records of a file wait here, on the disk beyond some megabytes, and go over at once.
 */
export function openStaging(): Staging {
  // An empty name is a temporary database of its own (sqlite.org/inmemorydb.html), removed by the system after a crash.
  const database = new DatabaseSync('')
  database.exec(`PRAGMA journal_mode = OFF; CREATE TABLE staged (seq INTEGER PRIMARY KEY, ${COLUMNS.join(', ')})`)
  const names = COLUMNS.join(', ')
  const insert = database.prepare(`INSERT INTO staged (${names}) VALUES (${COLUMNS.map(() => '?').join(', ')})`)
  const select = database.prepare(`SELECT ${names} FROM staged ORDER BY seq`)
  return {
    add: (row) => void insert.run(...COLUMNS.map((column) => row[column])),
    rows: () => select.iterate() as Iterable<TrajectoryColumns>,
    dispose: () => database.close(),
  }
}

// Trajectories into the tables: one after the other, inside a transaction, with all that belongs to them.
import { LINE_COLUMNS, NEW_LINE } from './lines.ts'
import { openStore } from './openStore.ts'
import type { Store } from './store.ts'
import { COLUMNS, type TrajectoryColumns, type TrajectoryRow, toRow } from './trajectories.ts'

export type Insertion = {
  /** Inserts a trajectory with task, spans, line and search entry; `duplicate`: the store holds the same content already. */
  readonly add: (row: TrajectoryRow) => 'kept' | 'duplicate'
  /** Inserts what was put off: to be called once, after the last `add`. */
  readonly end: () => void
}

/**
 * Tasks are in order of their ids, which are hashes: one alone means a page of its own, read and written. So many wait, and
 * go in in that order.
 */
const TASKS_AT_ONCE = 8192

/** Begins to insert; it lasts as long as the transaction in which it was begun, and is the only one to insert in it. */
export function openInsertion(store: Store): Insertion {
  // A trajectory comes before its task: a duplicate, which is found by inserting it, brings no task along, and tasks wait.
  store.statement('PRAGMA defer_foreign_keys = ON').run()
  const last = store.statement('SELECT coalesce(max(seq), 0) AS last FROM trajectory').get()
  const [trajectory, task, span, line, search] = STATEMENTS.map((sql) => store.statement(sql))
  let seq = Number(last?.['last'])
  /** Of equal questions the wording that came first stays. */
  const tasks = new Map<string, string>()
  const end = (): void => {
    for (const id of [...tasks.keys()].sort()) task!.run(id, tasks.get(id)!)
    tasks.clear()
  }
  return {
    end,
    add: (row) => {
      const next = seq + 1
      if (trajectory!.run(next, ...TRAJECTORY.map((at) => row[at]!)).changes === 0) return 'duplicate'
      seq = next
      const id = String(row[TASK_ID])
      if (!tasks.has(id)) tasks.set(id, String(row[QUESTION]))
      if (tasks.size >= TASKS_AT_ONCE) end()
      span!.run(seq, row[SPANS]!)
      line!.run(seq, ...LINE.map((at) => row[at]!))
      search!.run(seq, row[TEXT]!)
      return 'kept'
    },
  }
}

/** Inserts one trajectory with all that belongs to it; `duplicate` when the store holds the same content. */
export const insertTrajectory = (store: Store, columns: TrajectoryColumns): 'kept' | 'duplicate' =>
  store.transaction(() => {
    const insertion = openInsertion(store)
    const done = insertion.add(toRow(columns))
    insertion.end()
    return done
  })

/** Of an import's connection: pages that one transaction changes again and again stay in memory. */
const CACHE_KIBIBYTES = 32_768

/**
 * A connection for large insertions. What is inserted refers to what is inserted with it, so that looking for it again is
 * spared; `openInsertion` is all that may be done with it.
 */
export function openBulkStore(path: string): Store {
  const store = openStore(path)
  store.statement('PRAGMA foreign_keys = OFF').run()
  store.statement(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`).run()
  return store
}

type Column = (typeof COLUMNS)[number]
const placeOf = (name: Column): number => COLUMNS.indexOf(name)
const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

const TRAJECTORY_COLUMNS = ['id', 'content_hash', 'task_id', 'format', 'file', 'record_index', 'turns', 'outcome', 'record'] as const
const TRAJECTORY = TRAJECTORY_COLUMNS.map(placeOf)
const LINE = (['id', ...LINE_COLUMNS] as const).map(placeOf)
const [TASK_ID, QUESTION, SPANS, TEXT] = (['task_id', 'question', 'spans', 'text'] as const).map(placeOf) as [number, number, number, number]

const STATEMENTS = [
  `INSERT INTO trajectory (seq, ${TRAJECTORY_COLUMNS.join(', ')}) VALUES (?, ${marks(TRAJECTORY.length)})
   ON CONFLICT (content_hash) DO NOTHING`,
  'INSERT INTO task (id, question) VALUES (?, ?) ON CONFLICT DO NOTHING',
  'INSERT INTO span (seq, spans) VALUES (?, ?)',
  `INSERT INTO line (seq, id, ${LINE_COLUMNS.join(', ').replace('outcome_class', 'outcome')}, ${Object.keys(NEW_LINE).join(', ')})
   VALUES (?, ${marks(LINE.length)}, ${Object.values(NEW_LINE).join(', ')})`,
  'INSERT INTO trajectory_search (rowid, text) VALUES (?, ?)',
]

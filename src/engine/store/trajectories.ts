// Tasks and trajectories in the store: written once, never changed.
import { z } from 'zod'
import type { Task } from '../../shared/records/task.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import type { Span } from '../../shared/records/span.ts'
import { taskSchema } from '../../shared/records/task.ts'
import { trajectorySchema } from '../../shared/records/trajectory.ts'
import { figuresOf, fixedOf, LINE_COLUMNS, searchText } from './lines.ts'
import { packSpans } from './spans.ts'
import type { Store } from './store.ts'

/** A trajectory as the columns of its tables: made when it is read, inserted when its whole file is. */
export type TrajectoryColumns = Record<(typeof COLUMNS)[number], string | number | null>

/** The same without names, in the order of `COLUMNS`: what goes from thread to thread. */
export type TrajectoryRow = readonly (string | number | null)[]

const RECORD_COLUMNS = ['id', 'content_hash', 'task_id', 'question', 'outcome', 'record', 'text', 'spans'] as const
export const COLUMNS = [...RECORD_COLUMNS, ...LINE_COLUMNS] as const

/** Longest trajectory in turns: no agent's run is longer, and a file that claims so is damaged. */
export const MAX_TURNS = 2 ** 20

/** The columns of a trajectory of at most `MAX_TURNS` turns. */
export function toColumns({ task, trajectory, spans }: StoredTrajectory & { spans: Span[][] }): TrajectoryColumns {
  return {
    id: trajectory.id,
    content_hash: trajectory.contentHash,
    task_id: task.id,
    question: task.question,
    outcome: trajectory.outcome && JSON.stringify(trajectory.outcome),
    record: recordText(trajectory),
    text: searchText(trajectory),
    spans: packSpans(spans),
    ...fixedOf(trajectory, task.question),
    ...figuresOf(trajectory, spans),
  }
}

export const toRow = (columns: TrajectoryColumns): TrajectoryRow => COLUMNS.map((name) => columns[name])

/** JSON of a record, without the empty lists that its schema puts in again. */
function recordText({ turns, ...rest }: Trajectory): string {
  const lean = turns.map(({ calls, executed, ...turn }) => ({
    ...turn,
    ...(calls.length > 0 && { calls }),
    ...(executed.length > 0 && { executed }),
  }))
  return JSON.stringify({ ...rest, turns: lean })
}

export type StoredTrajectory = { task: Task; trajectory: Trajectory }

const storedSchema = z.object({ record: z.string(), question: z.string() })

const SELECT = 'SELECT trajectory.record, task.question FROM trajectory JOIN task ON task.id = trajectory.task_id'

/** The original, or null when the store has none of this id. */
export function findTrajectory(store: Store, id: string): StoredTrajectory | null {
  const row = store.statement(`${SELECT} WHERE trajectory.id = ?`).get(id)
  return row ? parseStored(row) : null
}

function parseStored(row: unknown): StoredTrajectory {
  const { record, question } = storedSchema.parse(row)
  const trajectory = trajectorySchema.parse(JSON.parse(record))
  return { trajectory, task: taskSchema.parse({ id: trajectory.taskId, question }) }
}

const textsSchema = z.array(z.string())

/** The texts of all turns before corrections, and nothing else of the record; the trajectory must be there. */
export const findTexts = (store: Store, id: string): string[] =>
  textsSchema.parse(
    JSON.parse(
      String(
        store
          .statement(
            `SELECT json_group_array(turn.value ->> '$.text') AS texts
             FROM trajectory, json_each(trajectory.record, '$.turns') AS turn WHERE trajectory.id = ?`,
          )
          .get(id)?.['texts'],
      ),
    ),
  )

/** All ids, in order. */
export function trajectoryIds(store: Store): string[] {
  return store.statement('SELECT id FROM trajectory ORDER BY id').all().map((row) => String(row['id']))
}

export function countTrajectories(store: Store): number {
  return Number(store.statement('SELECT count(*) AS n FROM trajectory').get()?.['n'])
}

/** The whole id of the only trajectory whose id begins so, or what stands in the way. */
export function completeId(store: Store, prefix: string): { id: string } | { matches: number } {
  // Ids are hexadecimal: 'g' comes after every digit.
  const row = store.statement('SELECT count(*) AS n, min(id) AS id FROM trajectory WHERE id >= ? AND id < ?').get(prefix, `${prefix}g`)
  const matches = Number(row?.['n'])
  return matches === 1 ? { id: String(row?.['id']) } : { matches }
}

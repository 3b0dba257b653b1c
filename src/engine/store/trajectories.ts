// Tasks and trajectories in the store: written once, never changed.
import { z } from 'zod'
import type { Task } from '../../shared/records/task.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import type { Span } from '../../shared/records/span.ts'
import { taskSchema } from '../../shared/records/task.ts'
import { outcomeSchema, trajectorySchema } from '../../shared/records/trajectory.ts'
import { TURNS_PER_TRAJECTORY } from './migrations/index.ts'
import { countSpans } from './spans.ts'
import type { Store } from './store.ts'

/** A trajectory as the columns of its tables: made when it is read, inserted when its whole file is. */
export type TrajectoryColumns = Record<(typeof COLUMNS)[number], string | number | null>

export const COLUMNS = [
  'id', 'content_hash', 'task_id', 'question', 'format', 'file', 'record_index', 'turns', 'outcome', 'record',
  'texts', 'spans', 'reason', 'act', 'final', 'observe', 'guessed',
] as const

/** Longest trajectory in turns: as many as the search index can number. */
export const MAX_TURNS = TURNS_PER_TRAJECTORY

/** The columns of a trajectory of at most `MAX_TURNS` turns. */
export function toColumns({ task, trajectory, spans }: StoredTrajectory & { spans: Span[][] }): TrajectoryColumns {
  const { reason, act, final, observe, guessed } = countSpans(spans)
  return {
    id: trajectory.id,
    content_hash: trajectory.contentHash,
    task_id: task.id,
    question: task.question,
    format: trajectory.source.format,
    file: trajectory.source.file,
    record_index: trajectory.source.index,
    turns: trajectory.turns.length,
    outcome: trajectory.outcome && JSON.stringify(trajectory.outcome),
    record: JSON.stringify(trajectory),
    texts: JSON.stringify(trajectory.turns.map((turn) => turn.text)),
    spans: JSON.stringify(spans),
    reason, act, final, observe, guessed,
  }
}

/** Inserts a trajectory with its task, spans and search entries; `duplicate` when the store holds the same content. */
export function insertTrajectory(store: Store, row: TrajectoryColumns): 'kept' | 'duplicate' {
  return store.transaction(() => {
    const known = store.statement('SELECT 1 FROM trajectory WHERE content_hash = ?').get(row.content_hash)
    if (known) return 'duplicate'
    store.statement(INSERT_TASK).run(row.task_id, row.question)
    const values = TRAJECTORY_COLUMNS.map((name) => row[name])
    const { lastInsertRowid: seq } = store.statement(INSERT_TRAJECTORY).run(...values)
    store.statement(INSERT_SPANS).run(row.id, row.spans, row.reason, row.act, row.final, row.observe, row.guessed)
    store.statement(INSERT_SEARCH).run(seq, row.texts)
    return 'kept'
  })
}

const TRAJECTORY_COLUMNS = [
  'id', 'content_hash', 'task_id', 'format', 'file', 'record_index', 'turns', 'outcome', 'record',
] as const
const INSERT_TASK = 'INSERT INTO task (id, question) VALUES (?, ?) ON CONFLICT DO NOTHING'
const INSERT_TRAJECTORY = `INSERT INTO trajectory (${TRAJECTORY_COLUMNS.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const INSERT_SPANS = `INSERT INTO span (trajectory_id, spans, reason, act, final, observe, guessed)
  VALUES (?, ?, ?, ?, ?, ?, ?)`
const INSERT_SEARCH = `INSERT INTO turn_search (rowid, text)
  SELECT ? * ${TURNS_PER_TRAJECTORY} + turn.key, turn.value FROM json_each(?) AS turn`

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

/** All ids, in order. */
export function trajectoryIds(store: Store): string[] {
  return store.statement('SELECT id FROM trajectory ORDER BY id').all().map((row) => String(row['id']))
}

export function countTrajectories(store: Store): number {
  return Number(store.statement('SELECT count(*) AS n FROM trajectory').get()?.['n'])
}

const summarySchema = z.object({
  id: z.string(),
  format: z.string(),
  file: z.string(),
  record_index: z.int(),
  question: z.string(),
  turns: z.int(),
  outcome: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : outcomeSchema.parse(JSON.parse(text)))),
  reason: z.int(),
  act: z.int(),
  final: z.int(),
  observe: z.int(),
  guessed: z.int(),
})
export type TrajectorySummary = z.infer<typeof summarySchema>

/** One line for each trajectory, in the order of import; without `limit` all of them from `offset` on. */
export function summariseTrajectories(
  store: Store,
  { limit = -1, offset = 0 }: { limit?: number; offset?: number } = {},
): TrajectorySummary[] {
  return store
    .statement(
      `SELECT trajectory.id, format, file, record_index, question, turns, outcome, reason, act, final, observe, guessed
       FROM trajectory JOIN task ON task.id = task_id JOIN span ON trajectory_id = trajectory.id
       ORDER BY seq LIMIT ? OFFSET ?`,
    )
    .all(limit, offset)
    .map((row) => summarySchema.parse(row))
}

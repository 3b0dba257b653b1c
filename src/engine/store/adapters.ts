// Adapters in the store.
import type { Adapter } from '../../shared/records/adapter.ts'
import { adapterSchema } from '../../shared/records/adapter.ts'
import type { Store } from './store.ts'

const parseAdapter = (row: Record<string, unknown>): Adapter => adapterSchema.parse(JSON.parse(String(row['record'])))

/** Keeps an adapter; one of the same id is replaced, as a resumed run writes its adapter again. */
export function putAdapter(store: Store, adapter: Adapter): void {
  store
    .statement(
      `INSERT INTO adapter (id, run_id, created_at, record) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE
       SET run_id = excluded.run_id, created_at = excluded.created_at, record = excluded.record`,
    )
    .run(adapter.id, adapter.runId, adapter.createdAt, JSON.stringify(adapter))
}

/** Nothing happens when there is no such adapter. */
export function deleteAdapter(store: Store, id: string): void {
  store.statement('DELETE FROM adapter WHERE id = ?').run(id)
}

export function findAdapter(store: Store, id: string): Adapter | null {
  const row = store.statement('SELECT record FROM adapter WHERE id = ?').get(id)
  return row ? parseAdapter(row) : null
}

/** All adapters, newest first. */
export function listAdapters(store: Store): Adapter[] {
  return store.statement('SELECT record FROM adapter ORDER BY created_at DESC, id DESC').all().map(parseAdapter)
}

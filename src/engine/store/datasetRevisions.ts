// Dataset revisions in the store: content-addressed, each stored once.
import type { DatasetRevision } from '../../shared/records/datasetRevision.ts'
import { datasetRevisionSchema } from '../../shared/records/datasetRevision.ts'
import type { Store } from './store.ts'

/** Keeps a revision; one of the same id has the same content and stays as it is. */
export function insertDatasetRevision(store: Store, { id, members }: DatasetRevision): void {
  store
    .statement('INSERT INTO dataset_revision (id, members) VALUES (?, ?) ON CONFLICT DO NOTHING')
    .run(id, JSON.stringify(members))
}

export function findDatasetRevision(store: Store, id: string): DatasetRevision | null {
  const row = store.statement('SELECT members FROM dataset_revision WHERE id = ?').get(id)
  return row ? datasetRevisionSchema.parse({ id, members: JSON.parse(String(row['members'])) as unknown }) : null
}

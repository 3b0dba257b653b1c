// Corrections in the store: append-only, in the order they were made.
import type { Correction } from '../../shared/records/correction.ts'
import { correctionSchema } from '../../shared/records/correction.ts'
import type { Store } from './store.ts'

export function insertCorrection(store: Store, correction: Omit<Correction, 'id'>): Correction {
  const { trajectoryId, change, reason, author, at } = correction
  const { lastInsertRowid } = store
    .statement('INSERT INTO correction (trajectory_id, change, reason, author, at) VALUES (?, ?, ?, ?, ?)')
    .run(trajectoryId, JSON.stringify(change), reason, author, at)
  return { id: Number(lastInsertRowid), ...correction }
}

/** The corrections of one trajectory, oldest first. */
export function findCorrections(store: Store, trajectoryId: string): Correction[] {
  return store
    .statement('SELECT id, change, reason, author, at FROM correction WHERE trajectory_id = ? ORDER BY id')
    .all(trajectoryId)
    .map((row) => {
      const change: unknown = JSON.parse(String(row['change']))
      return correctionSchema.parse({ ...row, trajectoryId, change })
    })
}

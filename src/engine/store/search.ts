// Full-text search over the texts of turns.
import { z } from 'zod'
import { TURNS_PER_TRAJECTORY } from './migrations/index.ts'
import type { Store } from './store.ts'

const hitSchema = z.object({ trajectoryId: z.string(), turn: z.int(), rank: z.number() })

/** A turn that holds all words; `rank` is FTS5's bm25, smaller is better. */
export type SearchHit = z.infer<typeof hitSchema>

/**
 * Turns that hold every word of `text`, the last word also as the beginning of one; best first. Words are what stands
 * between white space; each is searched for literally (its letters and digits, without case and accents), so that no
 * character of the text is search syntax. Text without letters or digits finds nothing.
 */
export function searchTrajectories(store: Store, text: string, { limit = 100 }: { limit?: number } = {}): SearchHit[] {
  const query = queryOf(text)
  if (query === null) return []
  return store
    .statement(
      `SELECT trajectory.id AS trajectoryId, turn_search.rowid % ${TURNS_PER_TRAJECTORY} AS turn, rank
       FROM turn_search JOIN trajectory ON trajectory.seq = turn_search.rowid / ${TURNS_PER_TRAJECTORY}
       WHERE turn_search MATCH ? ORDER BY rank, turn_search.rowid LIMIT ?`,
    )
    .all(query, limit)
    .map((row) => hitSchema.parse(row))
}

/** Words in double quotes are FTS5 strings: nothing in them is an operator. */
function queryOf(text: string): string | null {
  const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  if (words.length === 0) return null
  return `${words.map((word) => `"${word.replaceAll('\0', ' ').replaceAll('"', '""')}"`).join(' ')} *`
}

/** Puts the text of a turn as corrected in the place of what the index holds for it. */
export function reindexTurn(store: Store, entry: { trajectoryId: string; turn: number; text: string }): void {
  const { trajectoryId, turn, text } = entry
  store.transaction(() => {
    const seq = Number(store.statement('SELECT seq FROM trajectory WHERE id = ?').get(trajectoryId)?.['seq'])
    const rowid = seq * TURNS_PER_TRAJECTORY + turn
    store.statement('DELETE FROM turn_search WHERE rowid = ?').run(rowid)
    store.statement('INSERT INTO turn_search (rowid, text) VALUES (?, ?)').run(rowid, text)
  })
}

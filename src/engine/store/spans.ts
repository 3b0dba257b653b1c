// Spans in the store: as segmentation made them, with the counts of what they are after corrections.
import { z } from 'zod'
import type { Span } from '../../shared/records/span.ts'
import { GUESSED, spanSchema } from '../../shared/records/span.ts'
import type { Store } from './store.ts'

export type SpanCounts = { reason: number; act: number; final: number; observe: number; guessed: number }

/** Number of spans by kind (context is not counted), and of those that no rule matched. */
export function countSpans(spans: readonly (readonly Span[])[]): SpanCounts {
  const counts = { reason: 0, act: 0, final: 0, observe: 0, guessed: 0 }
  for (const span of spans.flat()) {
    if (span.kind !== 'context') counts[span.kind] += 1
    if (span.rule === GUESSED) counts.guessed += 1
  }
  return counts
}

const spansSchema = z.array(z.array(spanSchema))

/** Spans of every turn before corrections. */
export function findSpans(store: Store, trajectoryId: string): Span[][] | null {
  const row = store.statement('SELECT spans FROM span WHERE trajectory_id = ?').get(trajectoryId)
  return row ? spansSchema.parse(JSON.parse(String(row['spans']))) : null
}

/** Sets the counts to those of the spans as corrected. */
export function updateCounts(store: Store, trajectoryId: string, counts: SpanCounts): void {
  const { reason, act, final, observe, guessed } = counts
  store
    .statement('UPDATE span SET reason = ?, act = ?, final = ?, observe = ?, guessed = ? WHERE trajectory_id = ?')
    .run(reason, act, final, observe, guessed, trajectoryId)
}

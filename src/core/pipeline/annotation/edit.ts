// Spans through an edit of their text.
import { GUESSED } from '../../../shared/records/span.ts'
import type { Span, SpanKind } from '../../../shared/records/span.ts'
import type { Role } from '../../../shared/records/trajectory.ts'
import { followCall, followed } from './follow.ts'
import type { TextEdit } from './follow.ts'

/** What text put into an empty turn becomes (SPEC S8). */
const FRESH: Readonly<Record<Role, { kind: SpanKind; rule: string }>> = {
  agent: { kind: 'reason', rule: GUESSED },
  environment: { kind: 'observe', rule: 'environment text' },
  system: { kind: 'context', rule: 'context' },
  user: { kind: 'context', rule: 'context' },
}

/** Length of the text that the spans cover, in UTF-16 code units. */
export const covered = (spans: readonly Span[]): number => spans.at(-1)?.end ?? 0

/** Index of the span that takes inserted text (SPEC S6, S7). */
function owner(spans: readonly Span[], { start, end }: TextEdit['range']): number {
  if (end > start) return spans.findIndex((span) => start < span.end)
  return start === 0 ? 0 : spans.findIndex((span) => start <= span.end)
}

/**
 * The spans of a turn after an edit of its text (SPEC S5 to S11).
 * @param role whose text it is; decides only what text in an empty turn becomes
 * @throws RangeError when the edit's range is not within the covered text
 */
export function applyEdit(spans: readonly Span[], edit: TextEdit, role: Role = 'agent'): Span[] {
  const { start, end } = edit.range
  if (start > end || start < 0 || end > covered(spans)) {
    throw new RangeError(`edit of ${start}..${end}: expected a range within 0..${covered(spans)}`)
  }
  if (spans.length === 0) return edit.insert === '' ? [] : [{ start: 0, end: edit.insert.length, ...FRESH[role] }]
  const owning = owner(spans, edit.range)
  return spans.flatMap(({ call, ...span }, index) => {
    const owns = index === owning
    const range = followed(span, edit, owns)
    if (range.end === range.start) return []
    const kept = call ? followCall(call, edit, owns) : null
    return [{ ...span, ...range, ...(kept ? { call: kept } : {}) }]
  })
}

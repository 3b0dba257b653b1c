// A turn as it is shown where nothing of it can be changed.
import type { Span, SpanKind } from '../../shared/records/span.ts'
import type { Role } from '../../shared/records/trajectory.ts'

export type ShownTurn = {
  readonly role: Role
  readonly text: string
  readonly spans: readonly Span[]
  /** The call that an environment's turn answers. */
  readonly note: string | null
  /** The call could not be read, or failed. */
  readonly failed: boolean
}

/** A turn's text by its spans, in order; text without spans is one piece. */
export function piecesOf({ text, spans }: Pick<ShownTurn, 'text' | 'spans'>): { readonly kind: SpanKind; readonly text: string }[] {
  if (spans.length === 0) return text === '' ? [] : [{ kind: 'context', text }]
  return spans.map(({ kind, start, end }) => ({ kind, text: text.slice(start, end) }))
}

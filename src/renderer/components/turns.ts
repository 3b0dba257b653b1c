// A turn as it is shown where nothing of it can be changed.
import type { ShownTurn as LoggedTurn } from '../../shared/contract/evaluating.ts'
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

/** The next turn from `at` (-1: none yet) that way, or the next one of the agent; the same at the end. */
export function turnBeside(turns: readonly Pick<ShownTurn, 'role'>[], at: number, { by, agents }: { by: 1 | -1; agents: boolean }): number {
  for (let next = at + by; next >= 0 && next < turns.length; next += by) if (!agents || turns[next]!.role === 'agent') return next
  return at
}

/** With the vote on it, if there was one. */
export type VotedTurn = ShownTurn & { readonly vote: LoggedTurn['vote'] }

/** Turns of a kept episode as they are shown. */
export const episodeTurns = (turns: readonly LoggedTurn[]): VotedTurn[] =>
  turns.map(({ role, text, spans, status, vote }) => ({ role, text, spans, note: null, failed: status !== null && status !== 'ok', vote }))

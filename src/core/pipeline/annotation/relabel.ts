// Spans changed by hand: relabel a range, split, merge, move an edge.
import { BY_HAND } from '../../../shared/records/span.ts'
import type { Span, SpanKind } from '../../../shared/records/span.ts'
import type { Range } from '../../../shared/records/trajectory.ts'
import { covered } from './edit.ts'
import type { Call } from './follow.ts'

const within = (range: Range, outer: Range): boolean => outer.start <= range.start && range.end <= outer.end

/** The spans with the calls of `before`, each on the span that may keep it (SPEC S16). */
function withCalls(spans: readonly Span[], before: readonly Span[]): Span[] {
  const calls = before.flatMap(({ call }): Call[] => (call ? [call] : []))
  return spans.map(({ call: _, ...span }) => {
    const held = calls.filter(({ name, argument }) => within(name, span) && within(argument, span))
    const [call] = held
    const keeps = call && held.length === 1 && (span.kind === 'act' || span.kind === 'final')
    return keeps ? { ...span, call } : span
  })
}

/** The span at `index` and the next one. */
function pair(spans: readonly Span[], index: number): [Span, Span] {
  const first = spans[index]
  const second = spans[index + 1]
  if (first && second) return [first, second]
  throw new RangeError(`span ${index} and the next: expected an index from 0 to ${spans.length - 2}`)
}

const replaced = (spans: readonly Span[], index: number, pieces: readonly Span[]): Span[] =>
  withCalls([...spans.slice(0, index), ...pieces.filter((piece) => piece.end > piece.start), ...spans.slice(index + 2)], spans)

/** Makes `range` one span of `kind`, set by hand (SPEC S12). */
export function setKind(spans: readonly Span[], range: Range, kind: SpanKind): Span[] {
  const { start, end } = range
  if (start > end || start < 0 || end > covered(spans)) {
    throw new RangeError(`relabel ${start}..${end}: expected a range within 0..${covered(spans)}`)
  }
  if (start === end) return [...spans]
  const before = spans.filter((span) => span.start < start).map((span) => ({ ...span, end: Math.min(span.end, start) }))
  const after = spans.filter((span) => span.end > end).map((span) => ({ ...span, start: Math.max(span.start, end) }))
  return withCalls([...before, { start, end, kind, rule: BY_HAND }, ...after], spans)
}

/** Cuts the span that holds position `at` into two of its kind (SPEC S13). */
export function splitSpan(spans: readonly Span[], at: number): Span[] {
  if (at < 0 || at > covered(spans)) throw new RangeError(`split at ${at}: expected 0..${covered(spans)}`)
  const pieces = spans.flatMap((span) =>
    span.start < at && at < span.end ? [{ ...span, end: at }, { ...span, start: at }] : [span],
  )
  return withCalls(pieces, spans)
}

/** Joins the span at `index` with the next one (SPEC S14). */
export function mergeSpans(spans: readonly Span[], index: number): Span[] {
  const [first, second] = pair(spans, index)
  const alike = first.kind === second.kind && first.rule === second.rule
  return replaced(spans, index, [{ ...first, end: second.end, rule: alike ? first.rule : BY_HAND }])
}

/** Moves the edge between the span at `index` and the next one to position `to` (SPEC S15). */
export function moveEdge(spans: readonly Span[], index: number, to: number): Span[] {
  const [first, second] = pair(spans, index)
  if (to < first.start || to > second.end) {
    throw new RangeError(`edge after span ${index} to ${to}: expected ${first.start}..${second.end}`)
  }
  if (to === first.end) return [...spans]
  return replaced(spans, index, [{ ...first, end: to, rule: BY_HAND }, { ...second, start: to, rule: BY_HAND }])
}

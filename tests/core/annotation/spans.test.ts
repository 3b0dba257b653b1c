// The span functions by the rules of SPEC.md, one at a time.
import { describe, expect, test } from 'vitest'
import { applyEdit, checkSpans, mergeSpans, moveEdge, setKind, splitSpan } from '../../../src/core/pipeline/annotation/index.ts'
import type { Span, SpanKind } from '../../../src/shared/records/span.ts'
import type { Role } from '../../../src/shared/records/trajectory.ts'

const span = ([start, end]: [number, number], kind: SpanKind, call?: Span['call']): Span => ({
  start, end, kind, rule: 'r', ...(call ? { call } : {}),
})
const range = (start: number, end: number): { start: number; end: number } => ({ start, end })

// Think. search[a b]
//        ^name  ^argument
const call = { name: range(7, 13), argument: range(14, 17) }
const TEXT = 'Think. search[a b]'
const SPANS = [span([0, 7], 'reason'), span([7, 18], 'act', call)]

const edited = (start: number, end: number, insert: string): Span[] => applyEdit(SPANS, { range: range(start, end), insert })

describe('applyEdit', () => {
  test('S5: a span without characters vanishes, its neighbours are not joined', () => {
    const spans = [span([0, 2], 'reason'), span([2, 4], 'act'), span([4, 6], 'reason')]
    expect(applyEdit(spans, { range: range(2, 4), insert: '' })).toEqual([span([0, 2], 'reason'), span([2, 4], 'reason')])
    expect(applyEdit(spans, { range: range(0, 6), insert: '' })).toEqual([])
    expect(applyEdit(spans, { range: range(1, 5), insert: '' })).toEqual([span([0, 1], 'reason'), span([1, 2], 'reason')])
  })
  test('S6: a replacement belongs to the span of the first removed character', () => {
    expect(edited(0, 18, 'new')).toEqual([span([0, 3], 'reason')])
    expect(edited(7, 18, 'go')).toEqual([span([0, 7], 'reason'), span([7, 9], 'act')])
    expect(edited(5, 9, 'XYZ')).toEqual([span([0, 8], 'reason'), span([8, 17], 'act')])
  })
  test('S7: an insertion on a border belongs to the span before it', () => {
    expect(edited(7, 7, 'So. ')[0]).toEqual(span([0, 11], 'reason'))
    expect(edited(0, 0, 'A')[0]).toEqual(span([0, 8], 'reason'))
    expect(edited(18, 18, '!')[1]?.end).toBe(19)
  })
  test('S8: text in an empty turn', () => {
    const kinds: Record<Role, SpanKind> = { agent: 'reason', environment: 'observe', system: 'context', user: 'context' }
    for (const [role, kind] of Object.entries(kinds) as [Role, SpanKind][]) {
      const [only] = applyEdit([], { range: range(0, 0), insert: 'hey' }, role)
      expect(only).toMatchObject({ start: 0, end: 3, kind })
      expect(only?.rule === 'guessed').toBe(role === 'agent')
    }
    expect(applyEdit([], { range: range(0, 0), insert: '' })).toEqual([])
  })
  test('S9: kind and rule stay, whatever becomes of the text', () => {
    const named = [{ ...span([0, 2], 'reason'), rule: 'one' }, { ...span([2, 4], 'final'), rule: 'two' }]
    const after = applyEdit(named, { range: range(1, 3), insert: 'Action: look' })
    expect(after.map(({ kind, rule }) => [kind, rule])).toEqual([['reason', 'one'], ['final', 'two']])
    expect(applyEdit(named, { range: range(0, 4), insert: 'Answer: x' })).toEqual([{ ...span([0, 9], 'reason'), rule: 'one' }])
  })
  test('S10: a call follows edits before it, in its parts, on their borders and behind them', () => {
    const parts = (start: number, end: number, insert: string): unknown => {
      const found = edited(start, end, insert)[1]?.call
      return found && [found.name.start, found.name.end, found.argument.start, found.argument.end]
    }
    expect(parts(0, 5, '')).toEqual([2, 8, 9, 12])
    expect(parts(7, 7, 'xy')).toEqual([9, 15, 16, 19])
    expect(parts(7, 13, 'find')).toEqual([7, 11, 12, 15])
    expect(parts(13, 13, 'es')).toEqual([7, 15, 16, 19])
    expect(parts(14, 17, '')).toEqual([7, 13, 14, 14])
    expect(parts(14, 14, 'x')).toEqual([7, 13, 14, 18])
    expect(parts(17, 17, 'x')).toEqual([7, 13, 14, 18])
    expect(parts(15, 16, '🙂')).toEqual([7, 13, 14, 18])
    expect(parts(17, 18, '')).toEqual([7, 13, 14, 17])
  })
  test('S11: a damaged call is dropped and the span keeps its kind', () => {
    for (const [start, end, insert] of [[13, 14, ''], [12, 15, ''], [5, 9, 'x'], [16, 18, ''], [7, 13, '']] as const) {
      const after = edited(start, end, insert).at(-1)
      expect(after?.kind).toBe('act')
      expect(after?.call, `${start}..${end}`).toBeUndefined()
    }
    const wide = [span([0, 12], 'act', { name: range(1, 4), argument: range(8, 11) })]
    expect(applyEdit(wide, { range: range(6, 6), insert: 'x' })[0]?.call).toBeUndefined()
    expect(applyEdit(wide, { range: range(5, 7), insert: '' })[0]?.call).toBeUndefined()
  })
  test('S10 holds when the argument stands before the name', () => {
    const turned = [span([0, 12], 'act', { name: range(8, 11), argument: range(1, 4) })]
    expect(applyEdit(turned, { range: range(4, 4), insert: 'xx' })[0]?.call).toEqual({ name: range(10, 13), argument: range(1, 6) })
    expect(applyEdit(turned, { range: range(6, 6), insert: 'x' })[0]?.call).toBeUndefined()
  })
})

describe('changes by hand', () => {
  test('S12, S16: a relabelled range is one span by hand; a call inside it stays where it may', () => {
    expect(setKind(SPANS, range(7, 18), 'final')).toEqual([SPANS[0], { start: 7, end: 18, kind: 'final', rule: 'hand', call }])
    expect(setKind(SPANS, range(7, 18), 'reason')[1]).toEqual({ start: 7, end: 18, kind: 'reason', rule: 'hand' })
    expect(setKind(SPANS, range(2, 4), 'act').map(({ start, end, kind, rule }) => [start, end, kind, rule])).toEqual([
      [0, 2, 'reason', 'r'], [2, 4, 'act', 'hand'], [4, 7, 'reason', 'r'], [7, 18, 'act', 'r'],
    ])
    expect(setKind(SPANS, range(3, 15), 'act').some((one) => one.call)).toBe(false)
    expect(setKind(SPANS, range(3, 3), 'act')).toEqual(SPANS)
  })
  test('S13: a split keeps kind and rule; at a border nothing changes', () => {
    expect(splitSpan(SPANS, 3)).toEqual([span([0, 3], 'reason'), span([3, 7], 'reason'), SPANS[1]])
    expect(splitSpan(SPANS, 7)).toEqual(SPANS)
    expect(splitSpan(SPANS, 17)).toEqual([SPANS[0], span([7, 17], 'act', call), span([17, 18], 'act')])
    expect(splitSpan(SPANS, 15).some((one) => one.call)).toBe(false)
  })
  test('S14: a merge takes the first kind, and the rule of two that are alike', () => {
    expect(mergeSpans(SPANS, 0)).toEqual([{ start: 0, end: 18, kind: 'reason', rule: 'hand' }])
    expect(mergeSpans(splitSpan(SPANS, 17), 1)).toEqual(SPANS)
  })
  test('S15: an edge moves at most to the far ends', () => {
    expect(moveEdge(SPANS, 0, 6).map(({ start, end, rule }) => [start, end, rule])).toEqual([[0, 6, 'hand'], [6, 18, 'hand']])
    expect(moveEdge(SPANS, 0, 6)[1]?.call).toEqual(call)
    expect(moveEdge(SPANS, 0, 9)[1]?.call).toBeUndefined()
    expect(moveEdge(SPANS, 0, 0)).toEqual([{ start: 0, end: 18, kind: 'act', rule: 'hand', call }])
    expect(moveEdge(SPANS, 0, 7)).toEqual(SPANS)
  })
  test('S17: what does not exist is a RangeError that names it', () => {
    expect(() => edited(3, 19, '')).toThrow('edit of 3..19: expected a range within 0..18')
    expect(() => edited(4, 3, '')).toThrow(RangeError)
    expect(() => setKind(SPANS, range(0, 20), 'act')).toThrow('relabel 0..20: expected a range within 0..18')
    expect(() => splitSpan(SPANS, -1)).toThrow('split at -1')
    expect(() => mergeSpans(SPANS, 1)).toThrow('span 1 and the next: expected an index from 0 to 0')
    expect(() => moveEdge(SPANS, 0, 19)).toThrow('edge after span 0 to 19: expected 0..18')
  })
})

describe('checkSpans', () => {
  const codes = (text: string, spans: Span[], role: Role = 'agent'): string[] => checkSpans(text, spans, role).map((one) => one.code)
  test('nothing to say of good spans', () => {
    expect(checkSpans(TEXT, SPANS, 'agent')).toEqual([])
    expect(checkSpans('', [], 'agent')).toEqual([])
  })
  test('S1: gaps, overlaps, bounds, empty spans', () => {
    expect(checkSpans('abcd', [span([0, 1], 'act'), span([2, 3], 'act')], 'agent').map((one) => one.message)).toEqual([
      'span 1 at 2..3: 1..2 before it belongs to no span', '3..4 at the end belongs to no span',
    ])
    expect(codes('abcd', [span([0, 3], 'act'), span([2, 4], 'act')])).toEqual(['cover'])
    expect(codes('ab', [span([0, 3], 'act')])).toEqual(['bounds'])
    expect(codes('ab', [span([0, 2], 'act'), span([2, 2], 'act')])).toEqual(['empty-span'])
    expect(codes('ab', [])).toEqual(['cover'])
  })
  test('S2: an edge within a surrogate pair', () => {
    expect(codes('a🙂b', [span([0, 2], 'act'), span([2, 4], 'reason')])).toEqual(['surrogate', 'surrogate'])
    expect(codes('a🙂b', [span([0, 3], 'act'), span([3, 4], 'reason')])).toEqual([])
  })
  test('S3: kinds by role', () => {
    expect(codes('ab', [span([0, 2], 'observe')])).toEqual(['kind'])
    expect(codes('ab', [span([0, 2], 'act')], 'environment')).toEqual(['kind'])
    expect(codes('ab', [span([0, 2], 'context')], 'user')).toEqual([])
    expect(checkSpans('ab', [span([0, 2], 'act')], 'system')[0]?.message).toBe('span 0 at 0..2 is act; expected context in system text')
  })
  test('S4: calls', () => {
    expect(codes('abcdef', [span([0, 6], 'reason', { name: range(0, 1), argument: range(2, 3) })])).toEqual(['call-range'])
    expect(codes('abcdef', [span([0, 2], 'act', { name: range(0, 1), argument: range(2, 3) }), span([2, 6], 'act')])).toEqual(['call-range'])
    expect(codes('abcdef', [span([0, 6], 'act', { name: range(0, 0), argument: range(2, 3) })])).toEqual(['call-range'])
    expect(codes('abcdef', [span([0, 6], 'act', { name: range(0, 4), argument: range(2, 6) })])).toEqual(['call-range'])
  })
})

// The span functions against the from-scratch model, under seeded random operations (SPEC S1 to S16).
import { expect, test } from 'vitest'
import { applyEdit, checkSpans, mergeSpans, moveEdge, setKind, splitSpan } from '../../../src/core/pipeline/annotation/index.ts'
import { segmentTurn } from '../../../src/core/pipeline/segmentation/index.ts'
import type { Span, SpanKind } from '../../../src/shared/records/span.ts'
import { random } from '../../support/random.ts'
import { Model } from './model.ts'

const TEXTS = [
  'Thought: a 🙂 b\nAction: search[Foo [b🙂r]]',
  'Thought: x. Action: finish[A]\nAction: finish[A]\nthen',
  'Action: search[a], search[b], look\n',
  '> think: hm\n> go to cabinet 1\n> look',
  '<think>é🙂</think>\n\n```json\n{"name": "f", "arguments": {"a": 1}}\n```',
  'Code:\n```py\nx = 1\nfinal_answer(x)\n```',
  'Action: search[]', '🙂🙂', 'Final Answer: 5', '',
]
const INSERTS = ['', '', 'x', '🙂', ' ', 'ab', '\nAction: ', ']', '🙂é🙂']
const KINDS: SpanKind[] = ['reason', 'act', 'final']

const round = (seed: number, steps: number): { edits: number; withCalls: number } => {
  const draw = random(seed)
  const below = (n: number): number => Math.floor(draw() * n)
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T
  let text = one(TEXTS)
  let spans: Span[] = segmentTurn({ role: 'agent', text, calls: [], executed: [] })
  let model = new Model(text, spans)
  const seen = { edits: 0, withCalls: 0 }
  for (let step = 0; step < steps; step++) {
    // Positions where edits happen: often borders of spans and calls, else any character's border.
    const borders = spans.flatMap(({ start, end, call }) => [
      start, end, ...(call ? [call.name.start, call.name.end, call.argument.start, call.argument.end] : []),
    ])
    const characters = [0, ...[...text].map((_, i) => [...text].slice(0, i + 1).join('').length)]
    const position = (): number => (borders.length > 0 && below(2) === 0 ? one(borders) : one(characters))
    const range = (): { start: number; end: number } => {
      const start = position()
      const later = [...characters, ...borders].filter((at) => at >= start).sort((a, b) => a - b)
      const near = later[Math.min(later.length - 1, below(6))] ?? start
      const end = below(4) === 0 ? one(later) : near
      return below(20) === 0 ? { start: 0, end: text.length } : below(3) === 0 ? { start, end: start } : { start, end }
    }
    const operation = below(10)
    let label = ''
    if (operation < 6 || spans.length < 2) {
      const edit = { range: range(), insert: one(INSERTS) }
      label = `edit ${JSON.stringify(edit)}`
      spans = applyEdit(spans, edit)
      text = text.slice(0, edit.range.start) + edit.insert + text.slice(edit.range.end)
      model.edit(edit)
      seen.edits++
    } else if (operation === 6) {
      const chosen = { range: range(), kind: one(KINDS) }
      label = `kind ${JSON.stringify(chosen)}`
      spans = setKind(spans, chosen.range, chosen.kind)
      model.setKind(chosen.range, chosen.kind)
    } else if (operation === 7) {
      const at = position()
      label = `split ${at}`
      spans = splitSpan(spans, at)
      model.split(at)
    } else {
      const index = below(spans.length - 1)
      const [first, second] = spans.slice(index, index + 2) as [Span, Span]
      const to = one(characters.filter((at) => at >= first.start && at <= second.end))
      label = operation === 8 ? `merge ${index}` : `edge ${index} to ${to}`
      spans = operation === 8 ? mergeSpans(spans, index) : moveEdge(spans, index, to)
      if (operation === 8) model.merge(index)
      else model.moveEdge(index, to)
    }
    const where = `seed ${seed}, step ${step}: ${label}`
    expect(model.text, where).toBe(text)
    expect(spans, where).toEqual(model.spans())
    expect(checkSpans(text, spans, 'agent'), where).toEqual([])
    if (spans.some((span) => span.call)) seen.withCalls++
    if (text.length > 300 || below(10) === 0) {
      text = one(TEXTS)
      spans = segmentTurn({ role: 'agent', text, calls: [], executed: [] })
      model = new Model(text, spans)
    }
  }
  return seen
}

test('36,000 random operations agree with the model, and every invariant holds after each', () => {
  let edits = 0
  let withCalls = 0
  for (let seed = 1; seed <= 900; seed++) {
    const seen = round(seed, 40)
    edits += seen.edits
    withCalls += seen.withCalls
  }
  // The walk must reach what it is meant to test.
  expect(edits).toBeGreaterThan(20_000)
  expect(withCalls).toBeGreaterThan(8000)
})

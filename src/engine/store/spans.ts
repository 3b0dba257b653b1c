// Spans in the store: as segmentation made them. What corrections make of them is in the lines, counted.
import { z } from 'zod'
import type { Span } from '../../shared/records/span.ts'
import { spanSchema } from '../../shared/records/span.ts'
import type { Store } from './store.ts'

const spansSchema = z.array(z.array(spanSchema))

/**
 * `names`: kind and rule of spans, each pair once. `turns`: of every turn its spans as numbers, one behind the other: start,
 * end, and twice the place in `names`; one more than that, and four numbers follow: start and end of the call's name and
 * argument. It is a fifth as long as the spans in JSON, of which an import writes more than of anything else but texts.
 */
const packedSchema = z.object({ names: z.array(z.tuple([z.string(), z.string()])), turns: z.array(z.array(z.int())) })

/** Spans of every turn as text; `unpackSpans` takes it back. */
export function packSpans(spans: readonly (readonly Span[])[]): string {
  const names: [kind: string, rule: string][] = []
  const turns = spans.map((own) => {
    const numbers: number[] = []
    for (const { start, end, kind, rule, call } of own) {
      let name = names.findIndex((pair) => pair[0] === kind && pair[1] === rule)
      if (name < 0) name = names.push([kind, rule]) - 1
      if (call) numbers.push(start, end, 2 * name + 1, call.name.start, call.name.end, call.argument.start, call.argument.end)
      else numbers.push(start, end, 2 * name)
    }
    return numbers
  })
  return JSON.stringify({ names, turns })
}

/** Throws when it is not what `packSpans` gives. */
export function unpackSpans(text: string): Span[][] {
  const { names, turns } = packedSchema.parse(JSON.parse(text))
  const spans = turns.map((numbers) => {
    const own: unknown[] = []
    for (let at = 0; at < numbers.length; ) {
      const [start, end, name = 0, ...call] = numbers.slice(at, at + 7)
      const [kind, rule] = names[name >> 1] ?? []
      const called = (name & 1) === 1
      const [from, to, first, last] = call
      own.push({ start, end, kind, rule, ...(called && { call: { name: { start: from, end: to }, argument: { start: first, end: last } } }) })
      at += called ? 7 : 3
    }
    return own
  })
  return spansSchema.parse(spans)
}

/** Spans of every turn before corrections. */
export function findSpans(store: Store, trajectoryId: string): Span[][] | null {
  const row = store.statement('SELECT spans FROM span WHERE seq = (SELECT seq FROM trajectory WHERE id = ?)').get(trajectoryId)
  return row ? unpackSpans(String(row['spans'])) : null
}

// One agent turn in the rendered text: its marked pieces, and what the template put between and around them.
import { firstNotBelow } from '../../sorted.ts'
import type { AgentBody, Hit, Place } from './charSources.ts'
import { findArguments, matchGap } from './likeness.ts'
import { outsideCalls } from './turnText.ts'

/** The body of an agent turn, or why it cannot be placed. */
export function placeAgent(place: Place, at: { turn: number; start: number; hits: readonly Hit[] }): AgentBody | string {
  const { parsed, turns } = place
  const turn = turns[at.turn]!
  const inside = (place.hitsOf.get(at.turn) ?? []).filter((hit) => hit.start >= at.start)
  let later = firstNotBelow(place.hitStarts, at.start)
  while (later < at.hits.length && at.hits[later]!.region.turn <= at.turn) later++
  const limit = at.hits[later]?.start ?? parsed.text.length + 1
  const wanted = place.regionsOf.get(at.turn) ?? []
  if (inside.length !== wanted.length || inside.some((hit, i) => !inOrder(inside[i - 1], hit))) {
    return `the template writes ${inside.length} of the turn's ${wanted.length} pieces of text in their order`
  }
  for (const { region, start, end } of inside) {
    const expected = region.kind === 'text' ? turn.text.slice(region.start, region.end) : turn.calls[region.call]!.name
    if (parsed.text.slice(start, end) !== expected) return 'the template writes the text of the turn in another form'
  }
  const lastEnd = inside.at(-1)?.end ?? at.start
  let next = firstNotBelow(place.controlStarts, at.start)
  const isEnd = () => place.endOfGeneration.has(parsed.controls[next]!.id)
  for (; next < parsed.controls.length && parsed.controls[next]!.start < lastEnd; next++) {
    if (isEnd()) return 'the template writes a token that ends generation within the turn'
  }
  while (next < parsed.controls.length && !isEnd()) next++
  const eog = parsed.controls[next]
  if (eog === undefined || eog.start >= limit) return 'the template does not close the turn with a token that ends generation'
  fillBody(place, { turn: at.turn, start: at.start, close: eog.start, inside })
  place.put(eog.start, eog.end, { role: 'closing', turn: at.turn, offset: turn.text.length, step: 0 })
  return { turn: at.turn, state: 'whole', start: at.start, end: eog.end }
}

function inOrder(before: Hit | undefined, hit: Hit): boolean {
  if (before === undefined || before.region.kind !== hit.region.kind) return true
  if (before.region.kind === 'text' && hit.region.kind === 'text') return before.region.end <= hit.region.start
  return before.region.kind === 'name' && hit.region.kind === 'name' && before.region.call < hit.region.call
}

/** Marked pieces and what stands between them, from the generation prompt to the token that closes the turn. */
function fillBody(place: Place, body: { turn: number; start: number; close: number; inside: readonly Hit[] }): void {
  const { text } = place.parsed
  const turn = place.turns[body.turn]!
  const names = body.inside.filter((hit) => hit.region.kind === 'name')
  const own = names.length > 0 ? outsideCalls(turn) : [{ start: 0, end: turn.text.length }]
  let at = body.start
  let read = own[0]?.start ?? 0
  let argumentsEnd = -1
  const callStart = (hit: Hit | undefined) =>
    hit?.region.kind === 'name' ? turn.calls[hit.region.call]!.range.start : turn.calls.at(-1)!.range.start
  for (const [i, hit] of body.inside.entries()) {
    const previous = body.inside[i - 1]
    const besideCall = hit.region.kind === 'name' || previous?.region.kind === 'name'
    if (!besideCall && hit.region.kind === 'text') {
      const edge = previous === undefined ? 'end' : 'both'
      fillGap(place, { turn: body.turn, from: at, to: hit.start, read, readEnd: hit.region.start, edge })
    } else {
      // After a call: the rest of that call up to its arguments' end, then the beginning of the next.
      const split = Math.max(at, argumentsEnd)
      place.put(at, split, { role: 'markup', turn: body.turn, offset: callStart(previous), step: 0 })
      place.put(split, hit.start, { role: 'markup', turn: body.turn, offset: callStart(hit), step: 0 })
    }
    if (hit.region.kind === 'text') {
      place.put(hit.start, hit.end, { role: 'content', turn: body.turn, offset: hit.region.start, step: 1 })
      read = hit.region.end
    } else {
      place.put(hit.start, hit.end, { role: 'name', turn: body.turn, offset: callStart(hit), step: 0 })
    }
    at = hit.end
    if (hit.region.kind === 'name') {
      const next = body.inside[i + 1]?.start ?? body.close
      const range = findArguments(text, { from: hit.end, to: next, arguments: turn.calls[hit.region.call]!.arguments })
      argumentsEnd = range?.end ?? next
    }
  }
  if (body.inside.at(-1)?.region.kind === 'name') {
    place.put(at, body.close, { role: 'markup', turn: body.turn, offset: callStart(body.inside.at(-1)), step: 0 })
  } else {
    const readEnd = own.at(-1)?.end ?? 0
    const edge = body.inside.length === 0 ? 'both' : 'start'
    fillGap(place, { turn: body.turn, from: at, to: body.close, read, readEnd, edge })
  }
  for (const [i, hit] of names.entries()) {
    if (hit.region.kind !== 'name') continue
    const to = names[i + 1]?.start ?? body.close
    const range = findArguments(text, { from: hit.end, to, arguments: turn.calls[hit.region.call]!.arguments })
    if (range !== null)
      place.put(range.start, range.end, { role: 'argument', turn: body.turn, offset: callStart(hit), step: 0 })
  }
}

/**
 * The stretch `[from, to)` of the rendered text against `[read, readEnd)` of the turn's text: white space and tags, which a
 * template may trim or write itself. What agrees is content, the rest is `opening` (or `closing` after the last piece).
 */
function fillGap(
  place: Place,
  gap: { turn: number; from: number; to: number; read: number; readEnd: number; edge: 'start' | 'end' | 'both' },
): void {
  const rendered = place.parsed.text.slice(gap.from, gap.to)
  const own = place.turns[gap.turn]!.text.slice(gap.read, gap.readEnd)
  const role = gap.edge === 'start' ? 'closing' : 'opening'
  place.put(gap.from, gap.to, { role, turn: gap.turn, offset: gap.readEnd, step: 0 })
  for (const [r, o] of matchGap(rendered, own, gap.edge)) {
    place.put(gap.from + r, gap.from + r + 1, { role: 'content', turn: gap.turn, offset: gap.read + o, step: 1 })
  }
}

// Where each character of a rendered conversation comes from: which turn, which place of its text, or the template itself.
import type { Turn } from '../../../shared/records/trajectory.ts'
import type { Region } from './chatMessages.ts'
import { outsideCalls } from './chatMessages.ts'
import { commonPrefix, commonSuffix, findArguments, matchGap } from './likeness.ts'
import type { ParsedMarks } from './marks.ts'
import { firstNotBelow } from '../../sorted.ts'

/**
 * What a character is. `template`: written by the template around turns. Of a turn: `content` a character of its text;
 * `markup`, `name`, `argument` of a structured call as the template writes it; `opening` template text within an agent
 * turn, which the student must write itself; `closing` the template text that ends an agent turn, up to its
 * end-of-generation token.
 */
export const CHAR_ROLES = ['template', 'content', 'markup', 'name', 'argument', 'opening', 'closing'] as const
export type CharRole = (typeof CHAR_ROLES)[number]

/** Parallel to the rendered text, one entry per UTF-16 unit. */
export type CharSources = {
  readonly role: CharRole[]
  /** Turn index; -1 for template text. */
  readonly turn: Int32Array
  /** Offset in the turn's text; for call roles and `opening` the offset of the span they count to; -1 for template text. */
  readonly offset: Int32Array
}

/** An agent turn in the rendered text: `[start, end)` is what the student writes, end-of-turn token included. */
export type AgentBody =
  | { readonly turn: number; readonly state: 'whole'; readonly start: number; readonly end: number }
  /** The template rewrote, dropped or did not close the turn here; nothing of it may be trained in this rendering. */
  | { readonly turn: number; readonly state: 'rewritten'; readonly reason: string }

type Located = { sources: CharSources; bodies: AgentBody[] }
type Hit = { region: Region; start: number; end: number }

/** `starts`: for each agent turn where its generation prompt ends in the text, or why that place does not exist. */
export function locate(input: {
  turns: readonly Turn[]
  parsed: ParsedMarks
  regions: readonly Region[]
  starts: ReadonlyMap<number, number | string>
  endOfGeneration: ReadonlySet<number>
}): Located {
  const { turns, parsed, starts } = input
  const { length } = parsed.text
  const sources: CharSources = {
    role: new Array<CharRole>(length).fill('template'),
    turn: new Int32Array(length).fill(-1),
    offset: new Int32Array(length).fill(-1),
  }
  const hits = parsed.hits.map((hit): Hit => ({ region: input.regions[hit.index]!, start: hit.start, end: hit.end }))
  const put = (from: number, to: number, source: { role: CharRole; turn: number; offset: number; step: 0 | 1 }) => {
    for (let i = from; i < to; i++) {
      sources.role[i] = source.role
      sources.turn[i] = source.turn
      sources.offset[i] = source.offset + (i - from) * source.step
    }
  }
  const place: Place = {
    ...input,
    sources,
    put,
    controlStarts: parsed.controls.map((control) => control.start),
    hitStarts: hits.map((hit) => hit.start),
    regionsOf: groupBy(input.regions, (region) => region.turn),
    hitsOf: groupBy(hits, (hit) => hit.region.turn),
  }
  placeOthers(
    place,
    hits.filter((hit) => turns[hit.region.turn]!.role !== 'agent'),
    hits,
  )
  const bodies: AgentBody[] = []
  for (const [turn, start] of starts) {
    const outcome = typeof start === 'string' ? start : placeAgent(place, { turn, start, hits })
    bodies.push(typeof outcome === 'string' ? { turn, state: 'rewritten', reason: outcome } : outcome)
  }
  const whole = new Set(bodies.filter((body) => body.state === 'whole').map((body) => body.turn))
  // History that the template rewrote is still the agent's text, for display and for counting; it is not trained.
  for (const hit of hits) {
    if (whole.has(hit.region.turn) || turns[hit.region.turn]!.role !== 'agent' || hit.region.kind !== 'text') continue
    put(hit.start, hit.end, { role: 'content', turn: hit.region.turn, offset: hit.region.start, step: 1 })
  }
  return { sources, bodies }
}

type Place = {
  turns: readonly Turn[]
  parsed: ParsedMarks
  regions: readonly Region[]
  endOfGeneration: ReadonlySet<number>
  sources: CharSources
  put(from: number, to: number, source: { role: CharRole; turn: number; offset: number; step: 0 | 1 }): void
  /** Starts of the control tokens and of all hits, ascending. */
  controlStarts: readonly number[]
  hitStarts: readonly number[]
  regionsOf: ReadonlyMap<number, readonly Region[]>
  hitsOf: ReadonlyMap<number, readonly Hit[]>
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/** System, user and environment texts. One that the template writes as JSON is placed as a whole, at its first character. */
function placeOthers(place: Place, hits: readonly Hit[], all: readonly Hit[]): void {
  const { text, controls } = place.parsed
  const borders = { starts: place.hitStarts, ends: all.map((hit) => hit.end).sort((a, b) => a - b) }
  const tokens = { starts: place.controlStarts, ends: controls.map((control) => control.end) }
  for (const hit of hits) {
    if (hit.region.kind !== 'text') continue
    const { turn, start, end } = hit.region
    const own = place.turns[turn]!.text
    const exact = text.slice(hit.start, hit.end) === own.slice(start, end)
    place.put(hit.start, hit.end, { role: 'content', turn, offset: start, step: exact ? 1 : 0 })
    if (!exact) continue
    // White space and tags beside a marked piece: as much as stands there unchanged. White space that a template trims and
    // writes itself at the same place counts as the message's.
    const floor = Math.max(0, ...[borders, tokens].map(({ ends }) => ends[firstNotBelow(ends, hit.start + 1) - 1] ?? 0))
    const ceiling = Math.min(
      text.length,
      ...[borders, tokens].map(({ starts }) => starts[firstNotBelow(starts, hit.end)] ?? text.length),
    )
    const edges = gapEdges(place.regionsOf.get(turn) ?? [], hit.region)
    const before = commonSuffix(text.slice(floor, hit.start), own.slice(edges.before, start))
    place.put(hit.start - before, hit.start, { role: 'content', turn, offset: start - before, step: 1 })
    const after = commonPrefix(text.slice(hit.end, ceiling), own.slice(end, edges.after))
    place.put(hit.end, hit.end + after, { role: 'content', turn, offset: end, step: 1 })
  }
}

function gapEdges(
  regions: readonly Region[],
  region: Region & { kind: 'text' },
): { before: number; after: number } {
  let before = 0
  let after = Number.MAX_SAFE_INTEGER
  for (const other of regions) {
    if (other.kind !== 'text') continue
    if (other.end <= region.start) before = Math.max(before, other.end)
    if (other.start >= region.end) after = Math.min(after, other.start)
  }
  return { before, after }
}

/** The body of an agent turn, or why it cannot be placed. */
function placeAgent(place: Place, at: { turn: number; start: number; hits: readonly Hit[] }): AgentBody | string {
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

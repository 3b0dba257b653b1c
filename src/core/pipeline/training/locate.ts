// Where each character of a rendered conversation comes from: which turn, which place of its text, or the template itself.
import type { Turn } from '../../../shared/records/trajectory.ts'
import { placeAgent } from './agentBody.ts'
import { templateOnly, writerOf, type AgentBody, type CharSources, type Hit, type Place } from './charSources.ts'
import { commonPrefix, commonSuffix } from './likeness.ts'
import type { ParsedMarks } from './marks.ts'
import type { Region } from './turnText.ts'
import { firstNotBelow } from '../../sorted.ts'

type Located = { sources: CharSources; bodies: AgentBody[] }

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
  const sources = templateOnly(length)
  const hits = parsed.hits.map((hit): Hit => ({ region: input.regions[hit.index]!, start: hit.start, end: hit.end }))
  const put = writerOf(sources)
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

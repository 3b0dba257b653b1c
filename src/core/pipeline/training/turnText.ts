// The pieces of a turn's text that a template may move: what stands between call blocks and between tags, each marked.
import type { Turn } from '../../../shared/records/trajectory.ts'
import type { Marker } from './marks.ts'
import type { TemplateTraits } from './templateTraits.ts'

/** What mark number i (its place in the list) surrounds: a range of a turn's text, or the name of one of its calls. */
export type Region =
  | { readonly kind: 'text'; readonly turn: number; readonly start: number; readonly end: number }
  | { readonly kind: 'name'; readonly turn: number; readonly call: number }

/** Stretches of an agent turn's text that are not call blocks, without the white space that set a block apart. */
export function outsideCalls(turn: Turn): { start: number; end: number }[] {
  const stretches: { start: number; end: number }[] = []
  let from = 0
  for (const call of [...turn.calls.map((c) => c.range), { start: turn.text.length, end: turn.text.length }]) {
    let start = from
    let end = call.start
    if (from > 0) while (start < end && isSpace(turn.text, start)) start++
    if (call.start < turn.text.length) while (end > start && isSpace(turn.text, end - 1)) end--
    if (end > start) stretches.push({ start, end })
    from = call.end
  }
  return stretches
}

const isSpace = (text: string, at: number) => /\s/.test(text[at]!)

/** Marks `[start, end)` of a turn: what stands between tags, without white space at its edges, which templates may trim. */
export function markText(input: {
  turn: number
  start: number
  end: number
  turns: readonly Turn[]
  traits: TemplateTraits
  marker: Marker
  regions: Region[]
}): string {
  const { marker, regions, traits } = input
  const text = input.turns[input.turn]!.text
  let out = ''
  let at = input.start
  while (at < input.end) {
    const tag = nextTag(text, { from: at, to: input.end, tags: traits.tags })
    const coreStart = skipSpace(text, at, tag.start)
    const coreEnd = trimEnd(text, coreStart, tag.start)
    if (coreEnd > coreStart) {
      regions.push({ kind: 'text', turn: input.turn, start: coreStart, end: coreEnd })
      out += text.slice(at, coreStart) + marker.wrap(regions.length - 1, text.slice(coreStart, coreEnd))
      out += text.slice(coreEnd, tag.start)
    } else out += text.slice(at, tag.start)
    out += text.slice(tag.start, tag.end)
    at = tag.end
  }
  return out
}

function nextTag(
  text: string,
  where: { from: number; to: number; tags: readonly string[] },
): { start: number; end: number } {
  let best = { start: where.to, end: where.to }
  for (const tag of where.tags) {
    const start = text.indexOf(tag, where.from)
    if (start >= 0 && start + tag.length <= where.to && start < best.start) best = { start, end: start + tag.length }
  }
  return best
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from
  while (at < to && isSpace(text, at)) at++
  return at
}

function trimEnd(text: string, from: number, to: number): number {
  let at = to
  while (at > from && isSpace(text, at - 1)) at--
  return at
}

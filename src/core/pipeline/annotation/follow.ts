// How ranges follow an edit of the text they lie in.
import type { Range } from '../../../shared/records/trajectory.ts'
import type { Span } from '../../../shared/records/span.ts'

/** Replaces `range` of a text by `insert`. */
export interface TextEdit {
  range: Range
  insert: string
}

export type Call = NonNullable<Span['call']>

const size = ({ start, end }: Range): number => end - start

/** Where a range lies after an edit; `owns` says whether the inserted text belongs to it. It may become empty. */
export function followed(range: Range, edit: TextEdit, owns: boolean): Range {
  const removed = Math.max(0, Math.min(range.end, edit.range.end) - Math.max(range.start, edit.range.start))
  const shifted = Math.max(range.start, edit.range.end) - size(edit.range) + edit.insert.length
  const emptyBefore = size(range) === 0 && size(edit.range) > 0 && range.start === edit.range.start
  const start = owns || emptyBefore || range.start < edit.range.start ? range.start : shifted
  return { start, end: start + size(range) - removed + (owns ? edit.insert.length : 0) }
}

/** True when inserted text falls within a range that does not grow at its borders. */
export function ownsInside(range: Range, { range: cut }: TextEdit): boolean {
  return size(cut) > 0 ? range.start <= cut.start && cut.start < range.end : range.start < cut.start && cut.start < range.end
}

const holds = (outer: Range, inner: Range): boolean => outer.start <= inner.start && inner.end <= outer.end
const meets = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end

/** The call after an edit, or null when it is damaged (SPEC S10, S11). `owns`: its span takes the inserted text. */
export function followCall(call: Call, edit: TextEdit, owns: boolean): Call | null {
  const cut = edit.range
  const removes = size(cut) > 0
  const [first, second] = call.name.start <= call.argument.start ? [call.name, call.argument] : [call.argument, call.name]
  const between = { start: first.end, end: second.start }
  const inside = (part: Range): boolean => holds(part, cut)
  if (removes) {
    if (meets(between, cut)) return null
    const crossed = [first, second].some(
      (part) => !inside(part) && (meets(part, cut) || (cut.start < part.start && part.start < cut.end)),
    )
    if (crossed) return null
  } else if (owns && edit.insert !== '' && between.start < cut.start && cut.start < between.end) return null
  const owner = !owns ? null : inside(call.argument) ? 'argument' : inside(call.name) ? 'name' : null
  const name = followed(call.name, edit, owner === 'name')
  return size(name) === 0 ? null : { name, argument: followed(call.argument, edit, owner === 'argument') }
}

// A turn in the place of another, as changes that are laid over a trajectory: text, structured calls within it, spans.
import { RetortError } from '../../shared/errors.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import type { Span } from '../../shared/records/span.ts'
import type { Range, Turn } from '../../shared/records/trajectory.ts'

export type Replacement = { readonly index: number; readonly before: Turn; readonly after: Turn; readonly spans: readonly Span[] }

/**
 * From the end of the text to its beginning, so that places before an edit stay; calls are edited within their ranges, so that they
 * stay structured (annotation SPEC S21). Throws RetortError `not-acceptable` for another number of structured calls.
 */
export function replacementChanges({ index, before, after, spans }: Replacement): CorrectionChange[] {
  if (before.calls.length !== after.calls.length) {
    throw new RetortError({
      code: 'not-acceptable', message: 'this continuation cannot take the place of the step', found: `${after.calls.length} structured calls`,
      expected: `${before.calls.length}, as in the recorded turn`, advice: 'a correction keeps the number of calls: choose another continuation, or edit the step by hand',
    })
  }
  const [old, fresh] = [piecesOf(before), piecesOf(after)]
  const edits = old.flatMap((range, piece): CorrectionChange[] => {
    const insert = after.text.slice(fresh[piece]!.start, fresh[piece]!.end)
    const edit = narrowed(before.text, range, insert)
    return edit ? [{ type: 'text', turn: index, ...edit }] : []
  })
  return [...edits.reverse(), { type: 'spans', turn: index, spans: [...spans] }]
}

/**
 * Whether both do the same, so that what was observed after the one answers the other: the same structured calls, else the same text of
 * acts and answers; white space does not count. Turns that do nothing are the same when they say the same.
 */
export const doesTheSame = (a: Done, b: Done): boolean => doingOf(a) === doingOf(b)

type Done = { readonly turn: Turn; readonly spans: readonly Span[] }

function doingOf({ turn: { text, calls }, spans }: Done): string {
  const plain = (words: string): string => words.replaceAll(/\s+/g, ' ').trim()
  if (calls.length > 0) return JSON.stringify(calls.map(({ name, arguments: given }) => [name, plain(given)]))
  const acts = spans.flatMap(({ kind, start, end }) => (kind === 'act' || kind === 'final' ? [plain(text.slice(start, end))] : []))
  return acts.length > 0 ? JSON.stringify(acts) : plain(text)
}

/** The text between calls and the calls, by turns: 2 n + 1 pieces. */
function piecesOf({ text, calls }: Turn): Range[] {
  const pieces: Range[] = []
  let at = 0
  for (const { range } of [...calls].sort((a, b) => a.range.start - b.range.start)) {
    pieces.push({ start: at, end: range.start }, range)
    at = range.end
  }
  return [...pieces, { start: at, end: text.length }]
}

/** The change without what both have in common at its ends; null: they are equal. No character outside the BMP is divided. */
function narrowed(text: string, { start, end }: Range, insert: string): { range: Range; insert: string } | null {
  const old = text.slice(start, end)
  if (old === insert) return null
  const most = Math.min(old.length, insert.length)
  let head = 0
  while (head < most && old[head] === insert[head]) head++
  let tail = 0
  while (tail < most - head && old[old.length - 1 - tail] === insert[insert.length - 1 - tail]) tail++
  if (head > 0 && isHigh(old[head - 1]!)) head--
  if (tail > 0 && isLow(old[old.length - tail]!)) tail--
  return { range: { start: start + head, end: end - tail }, insert: insert.slice(head, insert.length - tail) }
}

const isHigh = (unit: string): boolean => unit >= '\ud800' && unit <= '\udbff'
const isLow = (unit: string): boolean => unit >= '\udc00' && unit <= '\udfff'

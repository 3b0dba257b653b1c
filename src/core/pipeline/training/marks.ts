// Marks in message contents: private-use characters that show where contents land, and break spelled control tokens.
import { RetortError } from '../../../shared/errors.ts'
import type { ControlToken } from '../../ports/index.ts'
import { firstWhere } from '../../sorted.ts'

/** Basic private use area: characters that no standard text uses (Unicode, section 23.5). */
const PRIVATE_USE = { first: 0xe000, last: 0xf8ff }
const DIGITS = 16
/** Digits of a mark's index: 16^4 pieces of content per conversation. */
const INDEX_LENGTH = 4
const MAX_MARKS = DIGITS ** INDEX_LENGTH

/** Writes marks into contents. The plain one leaves every text as it is. */
export type Marker = {
  /** The text with every spelled control token broken, so that it stays text. */
  protect(text: string): string
  /** The protected text between opening and closing mark number `index`. */
  wrap(index: number, text: string): string
}

export type ParsedMarks = {
  /** The text without marks. */
  readonly text: string
  /** Marked stretches in order of their start, UTF-16 ranges of `text`. */
  readonly hits: readonly { readonly index: number; readonly start: number; readonly end: number }[]
  /** Control tokens that the template itself wrote. */
  readonly controls: readonly { readonly id: number; readonly start: number; readonly end: number }[]
  /** Position in `text` of a position in the marked text; only for positions outside marks and control tokens. */
  position(marked: number): number
}

export type Marks = { readonly marker: Marker; parse(marked: string): ParsedMarks }

export const PLAIN: Marker = { protect: (text) => text, wrap: (_index, text) => text }

/** Marks whose characters occur in none of `texts`. */
export function createMarks(texts: readonly string[], control: readonly ControlToken[]): Marks {
  const base = freeBase(texts)
  const [open, close, sentinel] = [0, 1, 2].map((k) => String.fromCharCode(base + k)) as [string, string, string]
  const digit = (k: number) => String.fromCharCode(base + 3 + k)
  const code = (index: number): string => {
    if (index >= MAX_MARKS) throw tooManyMarks()
    let text = ''
    for (let rest = index, i = 0; i < INDEX_LENGTH; i++, rest = Math.floor(rest / DIGITS))
      text = digit(rest % DIGITS) + text
    return text
  }
  // A control token of one character cannot be broken; no known vocabulary spells one so, and it is never searched for.
  const spelled = control.filter((token) => token.text.length > 1)
  const ids = new Map(spelled.map((token) => [token.text, token.id]))
  const anyControl = [...ids.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escapeRegExp)
    .join('|')
  const breakable = anyControl === '' ? null : new RegExp(`(?=(?:${anyControl}))([\\s\\S])`, 'g')
  const numbered = `([${digit(0)}-${digit(DIGITS - 1)}]{${INDEX_LENGTH}})`
  const event = new RegExp(
    `${open}${numbered}|${close}${numbered}|(${sentinel})${anyControl === '' ? '' : `|(${anyControl})`}`,
    'g',
  )
  const number = (digits: string): number =>
    [...digits].reduce((sum, char) => sum * DIGITS + char.charCodeAt(0) - base - 3, 0)

  const protect = (text: string) => (breakable === null ? text : text.replace(breakable, `$1${sentinel}`))
  return {
    marker: { protect, wrap: (index, text) => open + code(index) + protect(text) + close + code(index) },
    parse(marked) {
      const hits: { index: number; start: number; end: number }[] = []
      const controls: { id: number; start: number; end: number }[] = []
      const opened = new Map<number, { index: number; start: number; end: number }>()
      const removed: { at: number; total: number }[] = []
      let text = ''
      let from = 0
      let total = 0
      for (const match of marked.matchAll(event)) {
        text += marked.slice(from, match.index)
        from = match.index + match[0].length
        const [, opening, closing, , controlText] = match
        if (controlText !== undefined) {
          controls.push({ id: ids.get(controlText)!, start: text.length, end: text.length + controlText.length })
          text += controlText
          continue
        }
        total += match[0].length
        removed.push({ at: from, total })
        if (opening !== undefined) {
          const hit = { index: number(opening), start: text.length, end: -1 }
          opened.set(hit.index, hit)
          hits.push(hit)
        } else if (closing !== undefined) {
          const hit = opened.get(number(closing))
          if (hit !== undefined && hit.end < 0) hit.end = text.length
        }
      }
      text += marked.slice(from)
      return {
        text,
        // An opening mark whose end the template cut off shows nothing reliable.
        hits: hits.filter((hit) => hit.end >= 0),
        controls,
        position: (position) =>
          position - (removed[firstWhere(removed.length, (k) => removed[k]!.at > position) - 1]?.total ?? 0),
      }
    },
  }
}

function freeBase(texts: readonly string[]): number {
  const used = new Set<number>()
  for (const text of texts) {
    for (const char of text.matchAll(/[\ue000-\uf8ff]/g)) used.add(char[0].charCodeAt(0))
  }
  const needed = 3 + DIGITS
  for (let base = PRIVATE_USE.first; base + needed - 1 <= PRIVATE_USE.last; base += needed) {
    let free = true
    for (let k = 0; k < needed; k++) free &&= !used.has(base + k)
    if (free) return base
  }
  throw new RetortError({
    code: 'no-free-marks',
    message: 'The conversation cannot be rendered: it uses nearly all private-use characters',
    found: `${used.size} different characters of U+E000..U+F8FF`,
    expected: `a run of ${needed} of them that is free`,
  })
}

const tooManyMarks = () =>
  new RetortError({
    code: 'conversation-too-large',
    message: 'The conversation cannot be rendered: too many pieces of content',
    found: `more than ${MAX_MARKS}`,
    expected: `at most ${MAX_MARKS} turns and tags`,
  })

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

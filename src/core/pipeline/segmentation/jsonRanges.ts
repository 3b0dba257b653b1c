// Where a JSON object's call name and arguments stand in a text.
import type { Range } from '../../../shared/records/trajectory.ts'
import { firstUnopened, literalEnds } from './brackets.ts'
import type { CallRanges } from './claims.ts'
import { perText } from './perText.ts'

/** Keys under which tool-call serialisations keep the name, and the arguments. */
const NAME_KEYS = ['name', 'tool', 'tool_name', 'action']
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'action_input', 'input']
const QUOTE = 0x22
/** How far is looked before tables are made. */
const NEAR = 512
const ATOM = /-?[\w.+-]+/y

interface Entry {
  key: string
  value: Range
}

function matchAt(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

const space = (text: string, at: number): number => matchAt(/\s*/y, text, at) as number

/** Ends of JSON strings and of nested objects and arrays, for every place they may begin at. */
const valueEnds = perText((text) => {
  const strings = literalEnds(text, '"', { lines: false })
  const stringEnd = (at: number): number | null => (text.charCodeAt(at) === QUOTE ? strings[at + 1]! : null)
  const nested = firstUnopened(text, { opening: '{[', closing: '}]', literalEnd: stringEnd })
  return { stringEnd, nestedEnd: (at: number): number => (nested[at + 1]! < 0 ? -1 : nested[at + 1]! + 1) }
})

const orNull = (position: number | null): number | null => (position === null || position < 0 ? null : position)

/** End of the string at a position; null when none begins there, or none ends. */
const stringEnd = (text: string, at: number): number | null =>
  text.charCodeAt(at) !== QUOTE ? null : (nearStringEnd(text, at) ?? orNull(valueEnds(text).stringEnd(at)))

/** Strings are mostly short, and end at the next quote: then no table of the whole text is needed. */
function nearStringEnd(text: string, at: number): number | null {
  const end = text.indexOf('"', at + 1)
  return end > at && end - at <= NEAR && !text.slice(at, end).includes('\\') ? end + 1 : null
}

/** End of a value. Nested objects and arrays are only matched by their brackets, so depth costs no stack. */
function valueEnd(text: string, at: number): number | null {
  const char = text[at]
  if (char === '"') return stringEnd(text, at)
  if (char !== '{' && char !== '[') return matchAt(ATOM, text, at)
  return nearNestedEnd(text, at) ?? orNull(valueEnds(text).nestedEnd(at))
}

/** End of an object or array that ends near its beginning; null when that is not seen, as where a string is not closed. */
function nearNestedEnd(text: string, open: number): number | null {
  const limit = Math.min(text.length, open + NEAR)
  for (let at = open, depth = 0; at < limit; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = nearStringEnd(text, at)
        if (end === null) return null
        at = end - 1
        break
      }
      case 0x7b:
      case 0x5b:
        depth += 1
        break
      case 0x7d:
      case 0x5d:
        depth -= 1
        if (depth === 0) return at + 1
    }
  }
  return null
}

function members(text: string, open: number): { end: number; entries: Entry[] } | null {
  const entries: Entry[] = []
  let at = space(text, open + 1)
  if (text[at] === '}') return { end: at + 1, entries }
  for (;;) {
    const keyEnd = stringEnd(text, at)
    if (keyEnd === null) return null
    const key = text.slice(at + 1, keyEnd - 1)
    at = space(text, keyEnd)
    if (text[at] !== ':') return null
    const start = space(text, at + 1)
    const end = valueEnd(text, start)
    if (end === null) return null
    entries.push({ key, value: { start, end } })
    at = space(text, end)
    if (text[at] === '}') return { end: at + 1, entries }
    if (text[at] !== ',') return null
    at = space(text, at + 1)
  }
}

/** The string's content without its quotes; other values as they stand. */
const content = (text: string, value: Range): Range =>
  text[value.start] === '"' ? { start: value.start + 1, end: value.end - 1 } : value

/**
 * Reads the JSON object that starts at `at`: its end, and where its call's name and arguments stand.
 * Null when it is no JSON object; `call` is null when it names no tool. An OpenAI-style `function` member is entered.
 */
export function jsonCall(text: string, at: number): { end: number; call: CallRanges | null } | null {
  const outer = text[at] === '{' ? members(text, at) : null
  if (!outer) return null
  const { end } = outer
  for (let object: typeof outer | null = outer; object; ) {
    const { entries } = object
    const find = (keys: string[]): Range | undefined => entries.find((entry) => keys.includes(entry.key))?.value
    const inner = find(['function'])
    if (inner && text[inner.start] === '{') {
      object = members(text, inner.start)
      continue
    }
    const name = find(NAME_KEYS)
    // A call without a name calls nothing, and an empty range names nothing (SPEC S4).
    if (!name || text[name.start] !== '"' || text[name.start + 1] === '"') return { end, call: null }
    const argument = find(ARGUMENT_KEYS)
    const none = { start: object.end - 1, end: object.end - 1 }
    return { end, call: { name: content(text, name), argument: argument ? content(text, argument) : none } }
  }
  return { end, call: null }
}

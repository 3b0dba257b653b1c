// Where a JSON object's call name and arguments stand in a text.
import type { Range } from '../../../shared/records/trajectory.ts'
import type { CallRanges } from './claims.ts'

/** Keys under which tool-call serialisations keep the name, and the arguments. */
const NAME_KEYS = ['name', 'tool', 'tool_name', 'action']
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'action_input', 'input']
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y
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

/** End of a value. Nested objects and arrays are only matched by their brackets, so depth costs no stack. */
function valueEnd(text: string, at: number): number | null {
  const char = text[at]
  if (char === '"') return matchAt(STRING, text, at)
  if (char !== '{' && char !== '[') return matchAt(ATOM, text, at)
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const sign = text[i]
    if (sign === '"') {
      const end = matchAt(STRING, text, i)
      if (end === null) return null
      i = end - 1
    } else if (sign === '{' || sign === '[') depth++
    else if ((sign === '}' || sign === ']') && --depth === 0) return i + 1
  }
  return null
}

function members(text: string, open: number): { end: number; entries: Entry[] } | null {
  const entries: Entry[] = []
  let at = space(text, open + 1)
  if (text[at] === '}') return { end: at + 1, entries }
  for (;;) {
    const keyEnd = text[at] === '"' ? matchAt(STRING, text, at) : null
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
  const object = text[at] === '{' ? members(text, at) : null
  if (!object) return null
  const find = (keys: string[]): Range | undefined => object.entries.find((entry) => keys.includes(entry.key))?.value
  const inner = object.entries.find((entry) => entry.key === 'function')?.value
  if (inner && text[inner.start] === '{') return { end: object.end, call: jsonCall(text, inner.start)?.call ?? null }
  const name = find(NAME_KEYS)
  if (!name || text[name.start] !== '"') return { end: object.end, call: null }
  const argument = find(ARGUMENT_KEYS)
  const none = { start: object.end - 1, end: object.end - 1 }
  return { end: object.end, call: { name: content(text, name), argument: argument ? content(text, argument) : none } }
}

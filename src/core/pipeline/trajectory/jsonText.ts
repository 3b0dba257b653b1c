// JSON text as a value, refused before it can exhaust the stack or the memory.
import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './jsonMarks.ts'
import type { Problem } from './rejection.ts'

/** Deepest nesting that records may have: beyond it recursive readers would run out of stack. */
export const DEPTH_LIMIT = 200

/**
 * Most values in one JSON text: parsed, the shortest ones (`{},`) take 20 times the memory of their text, so that bytes
 * alone are no limit. Real records hold under 100,000.
 */
export const VALUE_LIMIT = 2_000_000

/** `syntax`: the text is no JSON; otherwise it may be, and goes beyond a limit. */
export type Parsed = { value: unknown } | { problem: Problem; syntax?: true }

const unusable = (found: string, expected: string): { problem: Problem } => ({ problem: { where: '', found, expected } })

/** Never throws. Python's NaN and Infinity, which its JSON writers put where JSON has no number, are read as null. */
export function parseJson(text: string): Parsed {
  const { depth, values } = measure(text)
  if (depth > DEPTH_LIMIT) return unusable('a deeper nesting', `at most ${DEPTH_LIMIT} levels of arrays and objects`)
  if (values > VALUE_LIMIT) return unusable(`${values} JSON values`, `at most ${VALUE_LIMIT}`)
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    const found = `text that is not JSON (${(error as Error).message})`
    return parsePython(text) ?? { ...unusable(found, 'a JSON object'), syntax: true }
  }
}

function parsePython(text: string): Parsed | null {
  if (!/NaN|Infinity/.test(text)) return null
  let written = ''
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const start = quote < 0 ? text.length : quote
    const end = quote < 0 ? start : stringEnd(text, start) + 1
    written += text.slice(at, start).replace(/-?\b(?:NaN|Infinity)\b/g, 'null') + text.slice(start, end)
    at = end
  }
  try {
    return { value: JSON.parse(written) as unknown }
  } catch {
    return null
  }
}

/** Deepest nesting and number of values of a text, were it JSON; for other text some numbers. */
function measure(text: string): { depth: number; values: number } {
  let [open, depth, values] = [0, 0, 1]
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at)
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        open += 1
        values += 1
        if (open > depth) depth = open
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        open -= 1
        break
      case COMMA:
        values += 1
    }
  }
  return { depth, values }
}

/** The index of the quote that ends the string that begins at `start`, or of the text's end. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return end
  }
  return text.length
}

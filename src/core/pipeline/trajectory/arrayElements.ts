// The elements of a JSON array of any size, one after another, without holding the array.
import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './jsonMarks.ts'
import type { TextPiece } from '../../ports/index.ts'
import { quote } from './rejection.ts'

export type Element =
  /** Text between two commas of the array; whether it is JSON is for its reader to say. */
  | { readonly text: string }
  /** An element of more characters than allowed; its text was not kept. */
  | { readonly tooLong: number }
  /** The text is no array: nothing follows, and what came before is part of something broken. */
  | { readonly broken: string }

/**
 * Divides a top-level array at its commas. Only strings and nesting are looked at, so that depth costs a counter and
 * nothing is parsed here.
 */
export function* arrayElements(pieces: Iterable<TextPiece>, limit: number): Generator<Element> {
  let [depth, length, elements] = [0, 0, 0]
  let [inString, escaped, opened, closed] = [false, false, false, false]
  let parts: string[] = []
  const keep = (text: string): void => {
    length += text.length
    if (length <= limit) parts.push(text)
    else parts = []
  }
  const take = (): Element => {
    const element = length > limit ? { tooLong: length } : { text: parts.join('') }
    parts = []
    length = 0
    elements += 1
    return element
  }
  for (const piece of pieces) {
    if ('problem' in piece) {
      const { line, found, expected } = piece.problem
      yield { broken: `line ${line}: found ${found}, expected ${expected}` }
      return
    }
    const { text } = piece
    let start = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (inString) {
        // From one quote or backslash to the next: what lies between is passed over by the machine's own search.
        if (escaped) {
          escaped = false
          continue
        }
        if (code === QUOTE) inString = false
        else if (code === BACKSLASH) escaped = true
        else at = nextMark(text, at) - 1
        continue
      }
      if (!opened || closed) {
        if (isSpace(code)) continue
        if (closed || code !== OPEN_ARRAY) {
          yield { broken: `found ${quote(text.slice(at, at + 61))}${closed ? ' after the array, expected its end' : ', expected an array'}` }
          return
        }
        opened = true
        start = at + 1
        continue
      }
      if (code === QUOTE) inString = true
      else if (code === OPEN_ARRAY || code === OPEN_OBJECT) depth += 1
      else if (depth > 0 && (code === CLOSE_ARRAY || code === CLOSE_OBJECT)) depth -= 1
      else if (depth === 0 && (code === COMMA || code === CLOSE_ARRAY)) {
        keep(text.slice(start, at))
        start = at + 1
        closed = code === CLOSE_ARRAY
        const element = take()
        // The array without elements has nothing between its brackets.
        if (!(closed && elements === 1 && 'text' in element && element.text.trim() === '')) yield element
      }
    }
    if (opened && !closed) keep(text.slice(start))
  }
  if (!closed) yield { broken: `[${elements}]: found the end of the file, expected the end of the array` }
}

/** The next quote or backslash from a position on, or the end of the text. */
function nextMark(text: string, from: number): number {
  MARK.lastIndex = from
  return MARK.test(text) ? MARK.lastIndex - 1 : text.length
}

const MARK = /["\\]/g

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

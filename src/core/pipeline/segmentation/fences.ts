// Fenced code blocks of a text.
import type { Range } from '../../../shared/records/trajectory.ts'

export interface Fence extends Range {
  /** The info string after the opening ticks, e.g. `python`; may be empty. */
  info: Range
  /** Between the fence lines, without the last line end. */
  body: Range
  /** False when the text ends before the closing line. */
  closed: boolean
}

/** Stop marks that some agents write right after the block (smolagents). */
const AFTER = /\s*<end_(?:code|action)>/y
const OPENING = /(`{3,}|~{3,})([^\n`]*)\r?\n/y

/** The fenced block whose opening ticks stand at `at`, or null. */
export function fenceAt(text: string, at: number): Fence | null {
  OPENING.lastIndex = at
  const match = OPENING.exec(text)
  if (!match) return null
  const ticks = match[1] as string
  const label = (match[2] as string).trim()
  const infoStart = at + ticks.length + ((match[2] as string).length - (match[2] as string).trimStart().length)
  const info = { start: infoStart, end: infoStart + label.length }
  const bodyStart = OPENING.lastIndex
  const closing = new RegExp(`^[ \\t]*${ticks}[ \\t]*(?=\\s|<end_|$)`, 'gm')
  closing.lastIndex = bodyStart
  const close = closing.exec(text)
  if (!close) return { start: at, end: text.length, info, body: { start: bodyStart, end: text.length }, closed: false }
  let bodyEnd = close.index
  if (bodyEnd > bodyStart && text[bodyEnd - 1] === '\n') bodyEnd--
  if (bodyEnd > bodyStart && text[bodyEnd - 1] === '\r') bodyEnd--
  const end = close.index + close[0].length
  AFTER.lastIndex = end
  return {
    start: at,
    end: AFTER.test(text) ? AFTER.lastIndex : end,
    info,
    body: { start: bodyStart, end: bodyEnd },
    closed: true,
  }
}

/** All fenced blocks that open at a line's start, in order. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = []
  const lines = /^[ \t]*(?=```|~~~)/gm
  for (let match = lines.exec(text); match; match = lines.exec(text)) {
    const fence = fenceAt(text, match.index + match[0].length)
    if (fence) {
      fences.push(fence)
      lines.lastIndex = fence.end
    } else if (match[0].length === 0) lines.lastIndex++
  }
  return fences
}

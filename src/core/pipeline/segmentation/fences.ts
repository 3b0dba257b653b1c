// Fenced code blocks of a text.
import type { Range } from '../../../shared/records/trajectory.ts'
import { firstNotBelow } from '../../sorted.ts'
import { allMatches } from './matches.ts'
import { perText } from './perText.ts'

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
// All ticks that stand there: fewer would not make it a block either, but would be tried.
const OPENING = /(`{3,}(?!`)|~{3,}(?!~))([^\n`]*)\r?\n/y
const CLOSING = /^[ \t]*(`{3,}|~{3,})[ \t]*(?=\s|<end_|$)/gm

/** A line that closes blocks; `end` is behind the stop mark, if one follows. */
type Closing = Range

/** Lines that close a block, in order, by their ticks: a block is closed by as many as opened it. */
const closingLines = perText((text) => {
  const lines = new Map<string, { starts: number[]; ends: number[] }>()
  for (const match of allMatches(text, CLOSING)) {
    const ticks = match[1] as string
    const list = lines.get(ticks) ?? { starts: [], ends: [] }
    lines.set(ticks, list)
    const end = match.index + match[0].length
    AFTER.lastIndex = end
    list.starts.push(match.index)
    list.ends.push(AFTER.test(text) ? AFTER.lastIndex : end)
  }
  return lines
})

function closingOf(text: string, ticks: string, from: number): Closing | null {
  const lines = closingLines(text).get(ticks)
  const index = lines ? firstNotBelow(lines.starts, from) : 0
  return lines && index < lines.starts.length ? { start: lines.starts[index]!, end: lines.ends[index]! } : null
}

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
  const close = closingOf(text, ticks, bodyStart)
  if (!close) return { start: at, end: text.length, info, body: { start: bodyStart, end: text.length }, closed: false }
  let bodyEnd = close.start
  if (bodyEnd > bodyStart && text[bodyEnd - 1] === '\n') bodyEnd--
  if (bodyEnd > bodyStart && text[bodyEnd - 1] === '\r') bodyEnd--
  return { start: at, end: close.end, info, body: { start: bodyStart, end: bodyEnd }, closed: true }
}

/** All fenced blocks that open at a line's start, in order. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = []
  if (!text.includes('```') && !text.includes('~~~')) return fences
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

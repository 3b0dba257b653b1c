// Reads calls again after their text has changed.
import type { Range, ToolCall } from '../../../shared/records/trajectory.ts'
import { closingBracket } from './brackets.ts'
import type { CallRanges } from './claims.ts'
import { fenceAt } from './fences.ts'
import { jsonCall } from './jsonRanges.ts'

const TAGS = /^<tool_call>\s*([^]*?)\s*<\/tool_call>$/

/** The part of a call's range that should be one JSON object: without fence or tags. */
function inside(text: string, range: Range): Range {
  const fence = fenceAt(text, range.start)
  if (fence) return fence.closed && fence.end === range.end ? fence.body : { start: range.start, end: range.start }
  const tags = TAGS.exec(text.slice(range.start, range.end))
  if (!tags) return range
  const start = text.indexOf('{', range.start)
  return { start, end: start + (tags[1] as string).length }
}

/** Name and arguments (JSON text) of the structured call that `range` holds, or null when it holds no single one. */
export function readCall(text: string, range: Range): Pick<ToolCall, 'name' | 'arguments'> | null {
  const part = inside(text, range)
  const body = text.slice(part.start, part.end)
  const start = part.start + (body.length - body.trimStart().length)
  const json = jsonCall(text, start)
  if (!json?.call || json.end !== part.start + body.trimEnd().length) return null
  const { name, argument } = json.call
  const written = text.slice(argument.start, argument.end)
  try {
    JSON.parse(text.slice(start, json.end))
    return {
      name: JSON.parse(`"${text.slice(name.start, name.end)}"`) as string,
      // Arguments that were no JSON stand in the text as a JSON string.
      arguments: text[argument.start - 1] === '"' ? (JSON.parse(`"${written}"`) as string) : written || '{}',
    }
  } catch {
    return null
  }
}

/** False when a call written as `name[argument]` or `name(argument)` has lost the bracket that closes it. */
export function bracketsIntact(text: string, { name, argument }: CallRanges, end: number): boolean {
  const open = argument.start - 1
  if (open < name.end || !'[('.includes(text[open] as string) || text.slice(name.end, open).trim() !== '') return true
  const closing = text[open] === '[' ? ']' : ')'
  return text[argument.end] === closing || closingBracket(text, open, { limit: end, quotes: 'prose' }) !== null
}

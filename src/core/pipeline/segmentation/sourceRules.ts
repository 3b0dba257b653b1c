// Rules by provenance: what the source itself names apart from the text - calls, reasoning, executed commands.
import type { Range, ToolCall } from '../../../shared/records/trajectory.ts'
import { firstWhere } from '../../sorted.ts'
import type { Found, Rule } from './claims.ts'
import { isFinalName, shellCall } from './commands.ts'
import { findFences } from './fences.ts'
import type { Fence } from './fences.ts'
import { jsonCall } from './jsonRanges.ts'
import { codeBlock } from './actionRules.ts'

/** Behind the last character before `from` that is none of `characters`. */
function backOver(text: string, from: number, characters: RegExp): number {
  let at = from
  while (at > 0 && characters.test(text[at - 1] as string)) at--
  return at
}

/** The range with the tags that its serialisation puts around it; white space may stand between. */
function withTags(text: string, range: Range, tag: 'think' | 'tool_call'): Range {
  const opened = backOver(text, range.start, /\s/)
  const start = opened - `<${tag}>`.length
  const after = new RegExp(`\\s*</${tag}>`, 'y')
  after.lastIndex = range.end
  return start >= 0 && text.startsWith(`<${tag}>`, start) && after.test(text) ? { start, end: after.lastIndex } : range
}

function structuredCall(text: string, call: ToolCall, fences: readonly Fence[]): Found {
  // Blocks are in order and do not overlap: the last that starts before the call is the one that may hold it.
  const block = fences[firstWhere(fences.length, (index) => (fences[index] as Fence).start > call.range.start) - 1]
  const holds =
    block !== undefined && call.range.end <= block.end &&
    text.slice(call.range.start, call.range.end).includes(text.slice(block.body.start, block.body.end).trim())
  const fence = holds ? block : undefined
  const range = fence ?? withTags(text, call.range, 'tool_call')
  const brace = text.indexOf('{', range.start)
  const json = brace >= 0 && brace < range.end ? jsonCall(text, brace) : null
  const kind = isFinalName(call.name) ? 'final' : 'act'
  // A declared range may end inside the object, or hold no object at all: then the call is act without its parts.
  const parsed = json?.call && json.end <= range.end ? { call: json.call } : {}
  return { start: range.start, end: range.end, kind, ...parsed }
}

const lines = (text: string): string => text.replaceAll('\r\n', '\n').trim()

const LINE_END = /[ \t]*(?:\r?\n|$)/y

/** The command as whole lines of the text, its last occurrence; null when it does not stand there. */
function wholeLines(text: string, command: string): Range | null {
  for (let at = text.lastIndexOf(command); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(command, at - 1)) {
    const end = at + command.length
    const line = backOver(text, at, /[ \t]/)
    LINE_END.lastIndex = end
    if ((line === 0 || text[line - 1] === '\n') && LINE_END.test(text)) return { start: at, end }
  }
  return null
}

function executedCommand(text: string, command: string): Found[] {
  if (command.trim() === '') return []
  const fence = findFences(text).findLast(({ body }) => lines(text.slice(body.start, body.end)) === lines(command))
  if (fence) return codeBlock(text, fence)
  const range = wholeLines(text, command.trim())
  return range ? [{ ...range, kind: 'act', call: shellCall(text, range) }] : []
}

export const sourceRules: readonly Rule[] = [
  {
    name: 'structured call',
    find: ({ text, turn }) => {
      const fences = turn.calls.length > 0 ? findFences(text) : []
      return turn.calls.map((call) => structuredCall(text, call, fences))
    },
  },
  {
    name: 'reasoning field',
    find: ({ text, turn }) =>
      turn.reasoning ? [{ ...withTags(text, turn.reasoning, 'think'), kind: 'reason' }] : [],
  },
  {
    // Where calls are structured, the command is their rendering and does not stand in the text.
    name: 'executed command',
    find: ({ text, turn }) =>
      turn.calls.length > 0 ? [] : turn.executed.flatMap((command) => executedCommand(text, command)),
  },
]

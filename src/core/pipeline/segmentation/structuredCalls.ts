// Calls that a model wrote as text in the form of its template: `<tool_call>` tags, fenced JSON, or bare JSON.
import type { ToolCall } from '../../../shared/records/trajectory.ts'
import { findFences } from './fences.ts'
import { allMatches } from './matches.ts'
import { readCall } from './reread.ts'

const TAGS = /<tool_call>\s*\{[^]*?\}\s*<\/tool_call>/g

/** The calls in order, and the text without them. An object that is no call, or no whole one, stays text. */
export function structuredCalls(text: string): { calls: Pick<ToolCall, 'name' | 'arguments'>[]; rest: string } {
  const tagged = allMatches(text, TAGS).map((match) => ({ start: match.index, end: match.index + match[0].length }))
  const bare = { start: text.length - text.trimStart().length, end: text.trimEnd().length }
  const ranges = tagged.length > 0 ? tagged : text[bare.start] === '{' ? [bare] : findFences(text)
  const calls: Pick<ToolCall, 'name' | 'arguments'>[] = []
  let rest = ''
  let at = 0
  for (const { start, end } of ranges) {
    const call = readCall(text, { start, end })
    if (!call) continue
    calls.push(call)
    rest += text.slice(at, start)
    at = end
  }
  return calls.length > 0 ? { calls, rest: (rest + text.slice(at)).trim() } : { calls, rest: text }
}

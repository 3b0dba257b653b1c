// The one text form of an agent turn that came in parts: reasoning, content and structured tool calls.
import type { Range, ToolCall } from '../../../shared/records/trajectory.ts'
import { compactJson } from './canonicalJson.ts'

export type CallSource = {
  id?: string | undefined
  name: string
  /** As the source gave them: JSON text, or whatever the model wrote instead. */
  arguments: string
}

export type AgentParts = { reasoning?: string | undefined; content: string; calls: readonly CallSource[] }

/** `reasoning` covers the think block with its tags, each call's `range` its fenced block with its fences. */
export type AgentText = { text: string; reasoning?: Range; calls: ToolCall[] }

/**
 * The parts that are there, in this order: `<think>` block, content, one fenced JSON object for each call.
 * Parts are separated by an empty line, fenced blocks from each other by a line end. Arguments that are JSON are
 * written compactly, others as a JSON string; `ToolCall.arguments` keeps them as they came.
 */
export function agentText({ reasoning, content, calls }: AgentParts): AgentText {
  let text = ''
  const append = (part: string, separator: string): Range => {
    if (text !== '') text += separator
    const start = text.length
    text += part
    return { start, end: text.length }
  }
  const think = reasoning ? append(`<think>\n${reasoning}\n</think>`, '') : undefined
  if (content !== '') append(content, '\n\n')
  const placed = calls.map(({ id, name, arguments: written }, index): ToolCall => {
    const block = `\`\`\`json\n{"name": ${JSON.stringify(name)}, "arguments": ${argumentsText(written)}}\n\`\`\``
    const range = append(block, index === 0 ? '\n\n' : '\n')
    return { ...(id === undefined ? {} : { id }), name, arguments: written, range }
  })
  return { text, ...(think ? { reasoning: think } : {}), calls: placed }
}

const argumentsText = (written: string): string => compactJson(written) ?? JSON.stringify(written)

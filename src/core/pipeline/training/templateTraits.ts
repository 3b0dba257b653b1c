// What a chat template supports, found by rendering small conversations with it rather than by guessing from names.
import type { ChatMessage, ChatTemplate } from '../../ports/index.ts'

export type TemplateTraits = {
  /** Writes system messages. Where not, their text is put before the first user message. */
  readonly system: boolean
  /** Accepts two user messages in a row. Where not, neighbours of one role are joined. */
  readonly consecutive: boolean
  /** Writes structured tool calls, with arguments given as an object or as JSON text. */
  readonly toolCalls: 'object' | 'string' | 'none'
  /** Knows the role `tool` for the answers to structured calls. */
  readonly toolRole: boolean
  /** Writes the list of tools. */
  readonly tools: boolean
  /** Tags such as `<think>` that the template's source names and so may look for in contents; none is a control token. */
  readonly tags: readonly string[]
}

const PROBE = 'retortprobe'
const USER: ChatMessage = { role: 'user', content: 'Hello' }
const known = new WeakMap<ChatTemplate, TemplateTraits>()

export function templateTraits(template: ChatTemplate): TemplateTraits {
  const found = known.get(template) ?? probe(template)
  known.set(template, found)
  return found
}

function probe(template: ChatTemplate): TemplateTraits {
  const { source } = template
  const system = writes(template, [{ role: 'system', content: PROBE }, USER])
  const consecutive = writes(template, [USER, { role: 'user', content: PROBE }])
  const toolCalls = !source.includes('tool_calls')
    ? 'none'
    : writes(template, call({ [PROBE]: 'x' }))
      ? 'object'
      : writes(template, call(JSON.stringify({ [PROBE]: 'x' })))
        ? 'string'
        : 'none'
  const answer: ChatMessage = { role: 'tool', content: PROBE, tool_call_id: 'retort001' }
  const toolRole =
    /['"]tool['"]/.test(source) &&
    toolCalls !== 'none' &&
    writes(template, [...call(toolCalls === 'object' ? {} : '{}'), answer])
  const tool = {
    type: 'function',
    function: { name: PROBE, description: 'x', parameters: { type: 'object', properties: {} } },
  }
  const tools = source.includes('tools') && writes(template, [USER], [tool])
  return { system, consecutive, toolCalls, toolRole, tools, tags: tagsOf(source) }
}

const call = (args: unknown): ChatMessage[] => [
  USER,
  {
    role: 'assistant',
    content: '',
    tool_calls: [{ id: 'retort001', type: 'function', function: { name: 'f', arguments: args } }],
  },
]

/** True when the template accepts the messages and writes the probe word as a whole. */
function writes(template: ChatTemplate, messages: readonly ChatMessage[], tools?: readonly unknown[]): boolean {
  try {
    return template.render({ messages, addGenerationPrompt: false, ...(tools ? { tools } : {}) }).includes(PROBE)
  } catch {
    return false
  }
}

const tagsOf = (source: string): string[] => [
  ...new Set(source.match(/<\/?[A-Za-z_][\w:.-]*>|\[\/?[A-Z_]{3,}\]/g) ?? []),
]

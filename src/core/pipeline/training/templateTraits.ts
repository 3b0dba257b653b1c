// What a chat template supports, found by rendering small conversations with it rather than by guessing from names.
import type { ChatMessage, ChatTemplate } from '../../ports/index.ts'

export type TemplateTraits = {
  /** Writes system messages, also once the agent has answered. Where not, their text is put before the first user message. */
  readonly system: boolean
  /** Accepts two user messages in a row. Where not, neighbours of one role are joined. */
  readonly consecutive: boolean
  /**
   * Writes structured tool calls, several at once and beside content, with arguments given as an object or as JSON text. A
   * template that drops or refuses some of that gets calls as text: a student has one form for all its calls.
   */
  readonly toolCalls: 'object' | 'string' | 'none'
  /** Knows the role `tool` for the answers to structured calls. */
  readonly toolRole: boolean
  /** Writes the list of tools, and calls: its instructions for calling hold only where its own form of calls is used. */
  readonly tools: boolean
  /** Tags such as `<think>` that the template's source names and so may look for in contents; none is a control token. */
  readonly tags: readonly string[]
}

/** Words that no template writes by itself. */
const [PROBE, OTHER, BESIDE] = ['retortprobe', 'retortother', 'retortbeside'] as const
const USER: ChatMessage = { role: 'user', content: 'Hello' }
const ANSWER: ChatMessage = { role: 'assistant', content: 'Hello' }
const known = new WeakMap<ChatTemplate, TemplateTraits>()

export function templateTraits(template: ChatTemplate): TemplateTraits {
  const found = known.get(template) ?? probe(template)
  known.set(template, found)
  return found
}

function probe(template: ChatTemplate): TemplateTraits {
  const { source } = template
  const writes = (messages: readonly ChatMessage[], tools?: readonly unknown[]) =>
    accepts(template, { messages, tools })
  const instruction: ChatMessage = { role: 'system', content: PROBE }
  const toolCalls = source.includes('tool_calls') ? CALL_FORMS.find((form) => writes(calling(form))) : undefined
  const offered = { type: 'function', function: { name: PROBE, description: 'x', parameters: EMPTY_SCHEMA } }
  return {
    system: writes([instruction, USER]) && writes([instruction, USER, ANSWER]),
    consecutive: writes([USER, { role: 'user', content: PROBE }]),
    toolCalls: toolCalls ?? 'none',
    toolRole: toolCalls !== undefined && /['"]tool['"]/.test(source) && writes([...calling(toolCalls), ...answers()]),
    tools: toolCalls !== undefined && source.includes('tools') && writes([USER], [offered]),
    tags: tagsOf(source),
  }
}

const EMPTY_SCHEMA = { type: 'object', properties: {} }
const CALL_FORMS = ['object', 'string'] as const

/** Two calls beside content. Ids as Mistral's templates want them: nine letters or digits. */
function calling(form: (typeof CALL_FORMS)[number]): ChatMessage[] {
  const call = (id: string, word: string) => {
    const args = { [word]: 'x' }
    return {
      id,
      type: 'function' as const,
      function: { name: 'f', arguments: form === 'object' ? args : JSON.stringify(args) },
    }
  }
  return [
    USER,
    { role: 'assistant', content: BESIDE, tool_calls: [call('retort001', PROBE), call('retort002', OTHER)] },
  ]
}

const answers = (): ChatMessage[] =>
  ['retort001', 'retort002'].map((id) => ({ role: 'tool', content: 'x', tool_call_id: id }))

/** True when the template takes the messages and writes every probe word in them. */
function accepts(
  template: ChatTemplate,
  input: { messages: readonly ChatMessage[]; tools: readonly unknown[] | undefined },
): boolean {
  const { messages, tools } = input
  const given = JSON.stringify([messages, tools])
  try {
    const text = template.render({ messages, addGenerationPrompt: false, ...(tools ? { tools } : {}) })
    return [PROBE, OTHER, BESIDE].every((word) => !given.includes(word) || text.includes(word))
  } catch {
    return false
  }
}

const tagsOf = (source: string): string[] => [
  ...new Set(source.match(/<\/?[A-Za-z_][\w:.-]*>|\[\/?[A-Z_]{3,}\]/g) ?? []),
]

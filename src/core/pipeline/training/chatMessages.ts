// Turns as the messages a chat template takes, with marks around each piece of content.
//
// Roles: agent is `assistant`; environment is `tool` where it answers structured calls that the template writes, else
// `user`. Structured calls go as `tool_calls` where the template writes them, and their blocks leave the content; otherwise
// the turn's text, which holds them as fenced JSON, is the content. Tools go to templates that write them; otherwise
// `toolsText` is appended to the system message, or becomes one. A template without system role gets the system text before
// the first user message; one that wants roles to alternate gets neighbours of one role joined.
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { ChatMessage } from '../../ports/index.ts'
import type { Marker } from './marks.ts'
import type { TemplateTraits } from './templateTraits.ts'
import { markText, outsideCalls, type Region } from './turnText.ts'

export type MarkedConversation = {
  readonly messages: ChatMessage[]
  readonly tools: readonly unknown[] | undefined
  readonly regions: readonly Region[]
  /** For each number of turns, 0 to all, how many of the messages they alone make; null where they alone make others. */
  readonly begins: readonly (number | null)[]
}

/** Between texts that share a message. */
const SEPARATOR = '\n\n'

type Draft = {
  role: string
  content: string
  calls?: NonNullable<ChatMessage['tool_calls']>
  answers?: string | undefined
}

/** `turns` may be the beginning of a conversation; `begins` says where its messages are the beginning of the messages. */
export function chatMessages(input: {
  turns: readonly Turn[]
  tools: readonly Tool[]
  traits: TemplateTraits
  marker: Marker
}): MarkedConversation {
  const { turns, traits, marker } = input
  const regions: Region[] = []
  const mark = (turn: number, start: number, end: number) =>
    markText({ turn, start, end, turns, traits, marker, regions })
  const drafts: Draft[] = []
  let system: string[] = []
  if (input.tools.length > 0 && !traits.tools) {
    const ownSystem = turns[0]?.role === 'system' ? [mark(0, 0, turns[0].text.length)] : []
    system = [...ownSystem, marker.protect(toolsText(input.tools))]
  }
  const merged = system.length > 1
  if (system.length > 0) drafts.push({ role: 'system', content: system.join(SEPARATOR) })
  let structured = false
  const draftsBefore: number[] = []
  turns.forEach((turn, index) => {
    draftsBefore.push(drafts.length)
    if (index === 0 && merged) return
    switch (turn.role) {
      case 'system':
      case 'user':
        drafts.push({ role: turn.role, content: mark(index, 0, turn.text.length) })
        return
      case 'environment': {
        const role = structured && traits.toolRole ? 'tool' : 'user'
        drafts.push({
          role,
          content: mark(index, 0, turn.text.length),
          answers: role === 'tool' ? turn.answers : undefined,
        })
        return
      }
      case 'agent': {
        structured = turn.calls.length > 0 && traits.toolCalls !== 'none'
        if (!structured) {
          drafts.push({ role: 'assistant', content: mark(index, 0, turn.text.length) })
          return
        }
        const stretches = outsideCalls(turn).map((range) => mark(index, range.start, range.end))
        const calls = turn.calls.map((call, k) => {
          regions.push({ kind: 'name', turn: index, call: k })
          const name = marker.wrap(regions.length - 1, call.name)
          const args = protectStrings(callArguments(call.arguments, traits), marker)
          return {
            ...(call.id === undefined ? {} : { id: call.id }),
            type: 'function' as const,
            function: { name, arguments: args },
          }
        })
        drafts.push({ role: 'assistant', content: stretches.join(''), calls })
      }
    }
  })
  const { drafts: adapted, begins } = adapt(drafts, traits)
  return {
    messages: adapted.map(toMessage),
    begins: [...draftsBefore, drafts.length].map((count, turn) => (turn === 0 && merged ? null : begins[count]!)),
    tools: input.tools.length > 0 && traits.tools ? input.tools.map((tool) => functionTool(tool, marker)) : undefined,
    regions,
  }
}

/** The fixed text that offers tools to a student whose template cannot. */
export function toolsText(tools: readonly Tool[]): string {
  const lines = tools.map((tool) =>
    JSON.stringify({ name: tool.name, description: tool.description, parameters: tool.parameters }),
  )
  const form = '```json\n{"name": "<tool>", "arguments": {}}\n```'
  return [
    'You can call these tools, one JSON object each:',
    ...lines,
    '',
    'To call a tool, write its name and arguments like this:',
    form,
  ].join('\n')
}

/** Arguments as the template wants them: the parsed object, or the text where that is asked for or nothing parses. */
export function callArguments(text: string, traits: TemplateTraits): unknown {
  if (traits.toolCalls === 'string') return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : text
  } catch {
    return text
  }
}

/** As the template takes them; `begins`: for each number of drafts how many of the result they alone make, or null. */
function adapt(drafts: readonly Draft[], traits: TemplateTraits): { drafts: Draft[]; begins: (number | null)[] } {
  const out: Draft[] = []
  const begins: (number | null)[] = [0]
  let pending = ''
  const flush = () => {
    if (pending !== '') out.push({ role: 'user', content: pending.slice(0, -SEPARATOR.length) })
    pending = ''
  }
  for (const draft of drafts) {
    if (draft.role === 'system' && !traits.system) {
      pending += draft.content + SEPARATOR
      begins.push(null)
      continue
    }
    if (draft.role !== 'user') flush()
    const content = pending + draft.content
    pending = ''
    const last = out.at(-1)
    if (!traits.consecutive && last?.role === draft.role && (draft.role === 'user' || draft.role === 'assistant')) {
      last.content += SEPARATOR + content
      last.calls = [...(last.calls ?? []), ...(draft.calls ?? [])]
      begins[begins.length - 1] = null
    } else out.push({ ...draft, content })
    begins.push(out.length)
  }
  flush()
  return { drafts: out, begins }
}

const toMessage = (draft: Draft): ChatMessage => ({
  role: draft.role,
  content: draft.content,
  ...(draft.calls && draft.calls.length > 0 ? { tool_calls: draft.calls } : {}),
  ...(draft.answers === undefined ? {} : { tool_call_id: draft.answers }),
})

const functionTool = (tool: Tool, marker: Marker): unknown =>
  protectStrings(
    {
      type: 'function',
      function: {
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters ?? { type: 'object', properties: {} },
      },
    },
    marker,
  )

/** A JSON value with every string in it protected, keys included. */
function protectStrings(value: unknown, marker: Marker): unknown {
  if (typeof value === 'string') return marker.protect(value)
  if (Array.isArray(value)) return value.map((item) => protectStrings(item, marker))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [marker.protect(key), protectStrings(item, marker)]),
  )
}

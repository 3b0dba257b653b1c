// Chat messages, whatever file they came in, as the turns of a trajectory.
import { z } from 'zod'
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { CallSource } from './agentText.ts'
import { agentText } from './agentText.ts'
import type { Draft } from './draft.ts'
import { plainTurn } from './draft.ts'
import { closeEpisode, hasAction, isObservation } from './react.ts'
import type { Problem } from './rejection.ts'

/** What an importer makes of one record. */
export type ReadResult = { draft: Draft } | { problem: Problem }

export type Message = {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  reasoning?: string | undefined
  calls?: CallSource[]
  /** Which call a tool's message answers. */
  answers?: string | undefined
}

const textPartSchema = z
  .union([
    z.object({ type: z.enum(['text', 'input_text', 'output_text']), text: z.string() }),
    z.object({ type: z.literal('refusal'), refusal: z.string() }),
  ])
  .transform((part) => ('text' in part ? part.text : part.refusal))

/** Content of a message: a string, an array of text parts (joined without anything between them), or null for none. */
export const contentSchema = z.union([z.string(), z.null(), z.array(textPartSchema)]).transform((content) => {
  if (content === null) return ''
  return typeof content === 'string' ? content : content.join('')
})

/** Arguments as text; some exports hold them as an object, which is written as JSON. */
const argumentsSchema = z.union([z.string(), z.record(z.string(), z.unknown())]).transform((written) =>
  typeof written === 'string' ? written : JSON.stringify(written),
)

export const functionSchema = z.object({ name: z.string().min(1), arguments: argumentsSchema })

export const toolCallsSchema = z.array(
  z.object({ id: z.string().nullish(), type: z.literal('function').nullish(), function: functionSchema }),
)

/** Calls as `agentText` takes them. */
export function callSources(calls: z.infer<typeof toolCallsSchema> | null | undefined): CallSource[] {
  return (calls ?? []).map((call) => ({ id: call.id ?? undefined, ...call.function }))
}

/** The agent's turn that a message with the role assistant stands for. */
export function agentTurn(message: Pick<Message, 'content' | 'reasoning'> & { calls?: readonly CallSource[] | undefined }): Turn {
  const { text, reasoning, calls } = agentText({ ...message, calls: message.calls ?? [] })
  return { ...plainTurn('agent', text, { calls }), ...(reasoning ? { reasoning } : {}) }
}

/**
 * The trajectory of a conversation. Tool messages are the environment's; a user message after an agent turn is the
 * environment's only where the ReAct convention shows it: that turn holds an `Action:` line and the message begins with
 * `Observation`. A closing "Episode finished, reward = ..." becomes the outcome.
 */
export function conversationDraft(messages: readonly Message[], tools: Tool[]): ReadResult {
  const question = messages.find((message) => message.role === 'user')?.content
  if (question === undefined) return { problem: rolesProblem(messages, 'a user message that asks something') }
  if (!messages.some((message) => message.role === 'assistant')) {
    return { problem: rolesProblem(messages, 'at least one assistant message') }
  }
  const turns: Turn[] = []
  for (const [index, message] of messages.entries()) {
    const turn = turnOf(message, turns.at(-1))
    if (turn.role === 'agent' && turn.text === '') {
      const expected = 'content, reasoning or tool calls'
      return { problem: { where: `messages[${index}]`, found: 'an assistant message without any', expected } }
    }
    turns.push(turn)
  }
  return { draft: { question, tools, ...closeEpisode(turns) } }
}

function turnOf(message: Message, before: Turn | undefined): Turn {
  switch (message.role) {
    case 'system':
      return plainTurn('system', message.content)
    case 'assistant':
      return agentTurn(message)
    case 'tool':
      return environmentTurn(message.content, message.answers)
    case 'user': {
      const answersAction = before?.role === 'agent' && hasAction(before.text) && isObservation(message.content)
      return plainTurn(answersAction ? 'environment' : 'user', message.content)
    }
  }
}

export function environmentTurn(text: string, answers: string | undefined): Turn {
  return plainTurn('environment', text, answers === undefined ? {} : { answers })
}

function rolesProblem(messages: readonly Message[], expected: string): Problem {
  const roles = messages.map((message) => message.role).join(', ')
  return { where: 'messages', found: roles === '' ? 'no messages' : `roles ${roles}`, expected }
}


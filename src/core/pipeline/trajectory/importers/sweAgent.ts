// SWE-agent trajectories (.traj): the history of messages, the steps the environment executed, and how it ended.
import { z } from 'zod'
import type { Outcome, Turn } from '../../../../shared/records/trajectory.ts'
import type { ReadResult } from '../conversation.ts'
import { agentTurn, callSources, contentSchema, environmentTurn, toolCallsSchema } from '../conversation.ts'
import { plainTurn } from '../draft.ts'
import { schemaProblem } from '../rejection.ts'
import type { Importer } from './importer.ts'

const messageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: contentSchema.optional(),
  agent: z.string().nullish(),
  is_demo: z.boolean().nullish(),
  message_type: z.string().nullish(),
  action: z.string().nullish(),
  tool_calls: toolCallsSchema.nullish(),
  tool_call_ids: z.array(z.string()).nullish(),
  thinking_blocks: z.array(z.object({ thinking: z.string().nullish() })).nullish(),
})
type HistoryMessage = z.infer<typeof messageSchema>

const stepSchema = z.object({
  action: z.string().nullish(),
  observation: z.string().nullish(),
  response: z.string().nullish(),
  query: z.array(messageSchema).nullish(),
})
type Step = z.infer<typeof stepSchema>

const infoSchema = z.object({ exit_status: z.string().nullish(), submission: z.string().nullish() })

const schema = z
  .object({
    history: z.array(messageSchema).nullish(),
    trajectory: z.array(stepSchema).nullish(),
    info: infoSchema.nullish(),
  })
  .refine((record) => record.history?.length || record.trajectory?.length, {
    error: 'a history or a trajectory with entries',
  })

const OWN_KEYS = ['agent', 'message_type', 'action']
const showsHistory = z.object({
  history: z
    .array(z.looseObject({ role: z.string() }))
    .refine((history) => history.some((message) => OWN_KEYS.some((key) => key in message))),
})
const showsSteps = z.object({
  trajectory: z.array(z.looseObject({ action: z.unknown(), observation: z.unknown() })).min(1),
})

export const sweAgent: Importer = {
  format: 'swe-agent',
  title: 'SWE-agent trajectory',
  detect: (record) => showsHistory.safeParse(record).success || showsSteps.safeParse(record).success,
  read(record) {
    const parsed = schema.safeParse(record)
    if (!parsed.success) return { problem: schemaProblem(record, parsed.error) }
    const { history, trajectory, info } = parsed.data
    const steps = trajectory ?? []
    const messages = history?.length ? history : (steps[0]?.query ?? [])
    const turns = history?.length ? historyTurns(messages, steps) : [...historyTurns(messages, []), ...stepTurns(steps)]
    return draft(messages, turns, outcome(info ?? {}))
  },
}

function draft(messages: readonly HistoryMessage[], turns: Turn[], result: Outcome | null): ReadResult {
  const asked = messages.find((message) => message.role === 'user' && !isDemonstration(message))?.content
  const roles = messages.length === 0 ? 'no messages' : `roles ${messages.map((message) => message.role).join(', ')}`
  if (!asked) return problem('history', roles, 'a user message that states the issue')
  if (!turns.some((turn) => turn.role === 'agent')) {
    return problem('history', roles, 'at least one assistant message that is no demonstration')
  }
  const empty = turns.findIndex((turn) => turn.role === 'agent' && turn.text === '')
  if (empty >= 0) return problem(`history[${empty}]`, 'an assistant message without content or calls', 'one of them')
  return { draft: { question: issueText(asked), tools: [], turns, outcome: result } }
}

const problem = (where: string, found: string, expected: string): ReadResult => {
  return { problem: { where, found, expected } }
}

const isDemonstration = (message: HistoryMessage): boolean =>
  message.is_demo === true || message.message_type === 'demonstration'

/** How SWE-agent frames the issue in the task message: the first in 0.x and 1.x, the second in 1.x. */
const FRAMES = [/^ISSUE:\r?\n([\s\S]*?)\r?\n\s*INSTRUCTIONS:/m, /<pr_description>([\s\S]*?)<\/pr_description>/]

/** The issue inside the task message; the whole message where it has no known frame. */
function issueText(message: string): string {
  const framed = FRAMES.map((frame) => frame.exec(message)?.[1]?.trim()).find(Boolean)
  return framed ?? message
}

/** The turns of the messages; the answer to the last one comes from the steps where the history ends without it. */
function historyTurns(messages: readonly HistoryMessage[], steps: readonly Step[]): Turn[] {
  const begin = messages.findIndex((message) => message.role === 'assistant' && !isDemonstration(message))
  const main = messages[begin]?.agent
  const turns = messages.map((message, index) => historyTurn(message, { main, begun: begin >= 0 && index > begin }))
  const last = messages.at(-1)
  const observation = last && turns.at(-1)?.role === 'agent' ? lastObservation(last, steps.at(-1)) : null
  return observation ? [...turns, environmentTurn(observation, last?.tool_calls?.[0]?.id ?? undefined)] : turns
}

type Place = { main: HistoryMessage['agent']; begun: boolean }

/**
 * Demonstrations, and what agents other than the first one wrote, are context: their assistant messages become user
 * turns. Once the agent has begun, every user message is the environment's answer.
 */
function historyTurn(message: HistoryMessage, { main, begun }: Place): Turn {
  const content = message.content ?? ''
  if (message.role === 'system') return plainTurn('system', content)
  if (isDemonstration(message) || (message.role === 'assistant' && message.agent !== main)) {
    return plainTurn('user', agentTurn({ content, calls: callSources(message.tool_calls) }).text)
  }
  if (message.role === 'assistant') return historyAgentTurn(message, content)
  if (begun || message.role === 'tool') return environmentTurn(content, message.tool_call_ids?.[0])
  return plainTurn('user', content)
}

function historyAgentTurn(message: HistoryMessage, content: string): Turn {
  const thinking = (message.thinking_blocks ?? []).map((block) => block.thinking ?? '').filter((text) => text !== '')
  const turn = agentTurn({
    content,
    reasoning: thinking.join('\n\n') || undefined,
    calls: callSources(message.tool_calls),
  })
  return { ...turn, executed: message.action ? [message.action] : [] }
}

/** The answer to the last message, which the history lacks: the last step's, when it is the step of that message. */
function lastObservation(message: HistoryMessage, step: Step | undefined): string | null {
  const same = message.action ? step?.action === message.action : step?.response === message.content
  return same ? (step?.observation ?? null) : null
}

function stepTurns(steps: readonly Step[]): Turn[] {
  return steps.flatMap((step) => {
    const turn = plainTurn('agent', step.response || step.action || '', { executed: step.action ? [step.action] : [] })
    return step.observation ? [turn, environmentTurn(step.observation, undefined)] : [turn]
  })
}

/** `detail` is the exit status, and after an empty line the submission. Submitting says nothing about success. */
function outcome(info: z.infer<typeof infoSchema>): Outcome | null {
  const detail = [info.exit_status, info.submission?.trim()].filter(Boolean).join('\n\n')
  return detail === '' ? null : { success: null, reward: null, detail }
}

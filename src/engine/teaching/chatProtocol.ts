// OpenAI's chat completions from the serving side: what is asked, read into turns; what is answered, whole or as a stream of events.
import { z } from 'zod'
import type { ModelEvent } from '../../core/agent/index.ts'
import { agentTurn, environmentTurn, plainTurn } from '../../core/pipeline/trajectory/index.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import type { Counted } from './tokenCounter.ts'

const contentSchema = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() })), z.null()])
  .optional()
  .transform((content) => (typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('')))

const callSchema = z.object({ id: z.string().optional(), function: z.object({ name: z.string(), arguments: z.string() }) })

const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: contentSchema }),
  z.object({ role: z.literal('user'), content: contentSchema }),
  z.object({ role: z.literal('assistant'), content: contentSchema, reasoning_content: z.string().nullish(), tool_calls: z.array(callSchema).nullish() }),
  z.object({ role: z.literal('tool'), content: contentSchema, tool_call_id: z.string().optional() }),
])

const offeredSchema = z.object({ function: z.object({ name: z.string(), description: z.string().nullish(), parameters: z.unknown() }) })

/** Of a request; what is not named here makes no difference to a script. */
export const chatRequestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  tools: z.array(z.unknown()).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  seed: z.int().nullish(),
})
export type ChatRequest = z.infer<typeof chatRequestSchema>

export function turnsOf(messages: ChatRequest['messages']): Turn[] {
  return messages.map((message): Turn => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return plainTurn('system', message.content)
      case 'user':
        return plainTurn('user', message.content)
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({ ...(id === undefined ? {} : { id }), name, arguments: given }))
        const { reasoning_content: reasoning } = message
        return agentTurn({ content: message.content, calls, ...(reasoning ? { reasoning } : {}) })
      }
      case 'tool':
        return environmentTurn(message.content, message.tool_call_id)
    }
  })
}

/** Tools that are offered; what is no function is left out, as the protocol's own servers do not call it either. */
export const toolsOf = (tools: ChatRequest['tools']): Tool[] =>
  (tools ?? []).flatMap((tool) => {
    const read = offeredSchema.safeParse(tool)
    return read.success ? [{ name: read.data.function.name, description: read.data.function.description ?? '', parameters: read.data.function.parameters }] : []
  })

export type Answer = { readonly content: string; readonly reasoning: string; readonly calls: readonly (ModelEvent & { type: 'call' })[] }

export async function answerOf(events: AsyncIterable<ModelEvent>): Promise<Answer> {
  const answer = { content: '', reasoning: '', calls: [] as (ModelEvent & { type: 'call' })[] }
  for await (const event of events) {
    if (event.type === 'text') answer.content += event.text
    else if (event.type === 'reasoning') answer.reasoning += event.text
    else if (event.type === 'call') answer.calls.push(event)
  }
  return answer
}

/** The turn that an answer is. */
export const turnOfAnswer = ({ content, reasoning, calls }: Answer): Turn =>
  agentTurn({ content, calls: calls.map(({ id, name, arguments: given }) => ({ ...(id === undefined ? {} : { id }), name, arguments: given })), ...(reasoning === '' ? {} : { reasoning }) })

/** `id`: of the answer. `counted`: null where nobody counted; a script has no tokens of its own, and then no usage is said. */
export type Named = { readonly id: string; readonly model: string; readonly created: number; readonly counted: Counted | null }

const usageOf = ({ promptTokens, tokens }: Counted): object => ({ prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens })

const callOf = ({ id, name, arguments: given }: ModelEvent & { type: 'call' }, index: number, answer: string) => ({
  id: id ?? `call_${answer}_${index}`, type: 'function', function: { name, arguments: given },
})

const finishOf = ({ calls }: Answer): string => (calls.length > 0 ? 'tool_calls' : 'stop')

export function completion(answer: Answer, { id, model, created, counted }: Named): unknown {
  const { content, reasoning, calls } = answer
  const message = {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length > 0 ? { tool_calls: calls.map((call, index) => callOf(call, index, id)) } : {}),
  }
  return { id, object: 'chat.completion', created, model, choices: [{ index: 0, message, finish_reason: finishOf(answer) }], ...(counted ? { usage: usageOf(counted) } : {}) }
}

/** The same as events, word by word, each ready to be sent; the last one but the end has what was counted. */
export function* chunks(answer: Answer, { id, model, created, counted }: Named): Generator<string> {
  const chunk = (delta: unknown, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  yield chunk({ role: 'assistant', content: '' })
  for (const piece of wordsOf(answer.reasoning)) yield chunk({ reasoning_content: piece })
  for (const piece of wordsOf(answer.content)) yield chunk({ content: piece })
  for (const [index, call] of answer.calls.entries()) yield chunk({ tool_calls: [{ index, ...callOf(call, index, id) }] })
  yield chunk({}, finishOf(answer))
  if (counted) yield `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices: [], usage: usageOf(counted) })}\n\n`
  yield 'data: [DONE]\n\n'
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? []

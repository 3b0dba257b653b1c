// A model of teachers, behind an endpoint on this machine that speaks both protocols: it answers by what it is asked, counts what it
// is asked and how much of it at a time, and misbehaves as it is told.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { localServer } from './localServer.ts'

export type Message = { readonly role: string; readonly content: string }
export type TeacherRequest = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown>; readonly messages: readonly Message[] }

/** `tokens`, `promptTokens`: the usage that it says; null: none is said. `logprobs`: OpenAI's protocol only. */
export type TeacherAnswer = {
  readonly text: string
  readonly tokens?: number | null
  readonly promptTokens?: number
  readonly logprobs?: readonly { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[]; readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[] }[]
  readonly afterMs?: number
  /** Cut at the limit of its tokens. OpenAI's protocol only. */
  readonly finish?: 'length'
  /** Word by word; from the middle on when this resolves. */
  readonly middle?: () => Promise<void>
}

/** In place of an answer: refused, something that is no stream of events, or broken off half-way. */
export type TeacherFault =
  | { readonly type: 'refuse'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly type: 'malformed' }
  | { readonly type: 'cut' }

export type FakeTeacher = {
  /** Ends in /v1. */
  readonly baseUrl: string
  readonly seen: readonly TeacherRequest[]
  /** Most requests that were open at a time. */
  readonly most: () => number
  /** Tokens, read and written, of all answers that went out whole. */
  readonly billed: () => { readonly promptTokens: number; readonly tokens: number }
}

type Reply = (request: TeacherRequest, number: number) => TeacherAnswer | TeacherFault | Promise<TeacherAnswer | TeacherFault>

/** Until the test ends. `reply`: by the request and its number, from 0. */
export async function fakeTeacher(reply: Reply): Promise<FakeTeacher> {
  const seen: TeacherRequest[] = []
  let [open, most] = [0, 0]
  const billed = { promptTokens: 0, tokens: 0 }
  const url = await localServer((incoming, response) => {
    open += 1
    most = Math.max(most, open)
    response.on('close', () => (open -= 1))
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of incoming) parts.push(part as Buffer)
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
      const request: TeacherRequest = { path: incoming.url ?? '', headers: incoming.headers, body, messages: messagesOf(body) }
      const answer = await reply(request, seen.push(request) - 1)
      if ('type' in answer) return await misbehave(response, answer, request.path)
      await wait(answer.afterMs ?? 0)
      const written = answer.tokens === undefined ? Math.ceil(answer.text.length / 4) : answer.tokens
      const read = answer.promptTokens ?? Math.ceil(JSON.stringify(body).length / 4)
      if (written !== null) {
        billed.promptTokens += read
        billed.tokens += written
      }
      // A connection that was kept may be closed here just when it is used again there: a request that breaks off for no reason of a test.
      response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' })
      const events = EVENTS[request.path]!(answer, written === null ? null : { read, written })
      if (answer.middle === undefined) return void response.end(events)
      const pieces = events.split(/(?<=\n\n)/)
      const half = Math.floor(pieces.length / 2)
      response.write(pieces.slice(0, half).join(''))
      await answer.middle()
      response.end(pieces.slice(half).join(''))
    })().catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))))
  })
  return { baseUrl: `${url}/v1`, seen, most: () => most, billed: () => ({ ...billed }) }
}

/** Texts of the messages, whichever protocol holds them. */
function messagesOf({ messages = [], system }: { messages?: unknown; system?: unknown }): Message[] {
  const textOf = (content: unknown): string =>
    typeof content === 'string' ? content : Array.isArray(content) ? content.map((part) => String((part as { text?: string }).text ?? '')).join('') : ''
  const own = (messages as { role: string; content: unknown }[]).map(({ role, content }) => ({ role, content: textOf(content) }))
  return system === undefined ? own : [{ role: 'system', content: textOf(system) }, ...own]
}

type Usage = { readonly read: number; readonly written: number } | null

const event = (data: unknown, name?: string): string => `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
const chunk = (choices: unknown[], more: object = {}): string => event({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })

const piecesOf = (text: string, middle: TeacherAnswer['middle']): string[] => (middle === undefined ? [text] : text.split(/(?<=\s)/))

const EVENTS: Readonly<Record<string, (answer: TeacherAnswer, usage: Usage) => string>> = {
  '/v1/chat/completions': ({ text, logprobs, middle, finish = 'stop' }, usage) =>
    chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]) +
    piecesOf(text, middle)
      .map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null, ...(logprobs === undefined ? {} : { logprobs: { content: logprobs } }) }]))
      .join('') +
    chunk([{ index: 0, delta: {}, finish_reason: finish }]) +
    (usage ? chunk([], { usage: { prompt_tokens: usage.read, completion_tokens: usage.written, total_tokens: usage.read + usage.written } }) : '') +
    'data: [DONE]\n\n',
  '/v1/messages': ({ text, middle }, usage) =>
    event({
      type: 'message_start',
      message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: usage?.read ?? 0, output_tokens: 1 } },
    }, 'message_start') +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, 'content_block_start') +
    piecesOf(text, middle).map((piece) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }, 'content_block_delta')).join('') +
    event({ type: 'content_block_stop', index: 0 }, 'content_block_stop') +
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: usage?.written ?? 0 } }, 'message_delta') +
    event({ type: 'message_stop' }, 'message_stop'),
}

async function misbehave(response: ServerResponse, fault: TeacherFault, path: string): Promise<void> {
  switch (fault.type) {
    case 'refuse':
      return void response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '{"error":{"message":"not now"}}')
    case 'malformed':
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices": [{"del\n\n')
    case 'cut':
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(EVENTS[path]!({ text: 'Thought: I' }, null).split('\n\n').slice(0, 2).join('\n\n'))
      await wait(20)
      return void response.destroy()
  }
}

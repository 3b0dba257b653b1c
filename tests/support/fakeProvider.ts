// An endpoint on this machine that speaks both protocols, and misbehaves as it is told.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { localServer } from './localServer.ts'

export type Seen = { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: unknown }

/** What the next request gets; the last one stays. `thinkingMs`: before its answer it says for so long, every 40 ms, that it is at work. */
export type Behaviour =
  | { readonly type: 'answer'; readonly pieces: readonly string[]; readonly finish?: 'stop' | 'length' | 'filter'; readonly pauseMs?: number; readonly thinkingMs?: number }
  | { readonly type: 'refuse'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  /** Raw bytes as the stream of events. */
  | { readonly type: 'raw'; readonly body: string }
  /** Some pieces, then the connection is gone. */
  | { readonly type: 'cut'; readonly pieces: readonly string[] }
  /** The piece again and again, as events, or as one event that does not end, until the other side leaves. */
  | { readonly type: 'endless'; readonly piece: string; readonly events: 'many' | 'one' }
  /** Headers, and nothing after them. */
  | { readonly type: 'silent' }

export type FakeProvider = {
  /** Ends in /v1. */
  readonly baseUrl: string
  readonly seen: Seen[]
  /** Requests that the other side closed before their answer was whole. */
  readonly closed: () => number
  behave(...behaviours: Behaviour[]): void
}

type Protocol = {
  readonly piece: (text: string) => string
  readonly before: () => string
  readonly end: (finish: 'stop' | 'length' | 'filter', count: number) => string
}

const event = (data: unknown, name?: string): string => `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
const named = (data: { type: string }): string => event(data, data.type)
const chunk = (choice: unknown, more: object = {}): string =>
  event({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: choice === null ? [] : [choice], ...more })

/** By path. PROMPT tokens are what each says of the prompt. */
export const PROMPT = 11
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  '/v1/chat/completions': {
    before: () => chunk({ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }),
    piece: (content) => chunk({ index: 0, delta: { content }, finish_reason: null }),
    end: (finish, count) =>
      chunk({ index: 0, delta: {}, finish_reason: { stop: 'stop', length: 'length', filter: 'content_filter' }[finish] }) +
      chunk(null, { usage: { prompt_tokens: PROMPT, completion_tokens: count, total_tokens: PROMPT + count } }) +
      'data: [DONE]\n\n',
  },
  '/v1/messages': {
    before: () =>
      named({
        type: 'message_start',
        message: {
          id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null,
          usage: { input_tokens: PROMPT, output_tokens: 1 },
        },
      } as { type: string }) + named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }),
    piece: (text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as { type: string }),
    end: (finish, count) =>
      named({ type: 'content_block_stop', index: 0 } as { type: string }) +
      named({
        type: 'message_delta',
        delta: { stop_reason: { stop: 'end_turn', length: 'max_tokens', filter: 'refusal' }[finish], stop_sequence: null },
        usage: { output_tokens: count },
      } as { type: string }) +
      named({ type: 'message_stop' }),
  },
}

/** Until the test ends. */
export async function fakeProvider(): Promise<FakeProvider> {
  const seen: Seen[] = []
  let plan: Behaviour[] = []
  let closed = 0
  const url = await localServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = Buffer.concat(parts).toString('utf8')
      const path = new URL(request.url ?? '/', 'http://x').pathname
      seen.push({ method: request.method ?? '', path, headers: request.headers, body: body === '' ? null : JSON.parse(body) })
      response.on('close', () => {
        if (!response.writableFinished) closed += 1
      })
      const behaviour = plan.length > 1 ? plan.shift() : plan[0]
      if (behaviour === undefined) throw new Error('the fake was not told how to behave')
      await answer(response, { behaviour, protocol: PROTOCOLS[path], path })
    })()
  })
  return { baseUrl: `${url}/v1`, seen, closed: () => closed, behave: (...behaviours) => void (plan = behaviours) }
}

async function answer(
  response: ServerResponse,
  { behaviour, protocol, path }: { behaviour: Behaviour; protocol: Protocol | undefined; path: string },
): Promise<void> {
  if (behaviour.type === 'refuse') {
    response.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers })
    return void response.end(behaviour.body)
  }
  if (protocol === undefined) {
    response.writeHead(200, { 'content-type': 'application/json' })
    const data = behaviour.type === 'answer' ? behaviour.pieces.map((id) => ({ id, object: 'model' })) : []
    return void response.end(path === '/v1/models' && behaviour.type === 'answer' ? JSON.stringify({ object: 'list', data }) : 'not JSON')
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  switch (behaviour.type) {
    case 'raw':
      return void response.end(behaviour.body)
    case 'silent':
      return
    case 'endless': {
      response.write(behaviour.events === 'many' ? protocol.before() : 'data: ')
      const piece = behaviour.events === 'many' ? protocol.piece(behaviour.piece) : behaviour.piece
      while (!response.destroyed) {
        response.write(piece)
        await wait(0)
      }
      return
    }
    case 'cut':
      response.write(protocol.before())
      for (const piece of behaviour.pieces) response.write(protocol.piece(piece))
      await wait(50)
      return void response.destroy()
    case 'answer':
      // A comment of a stream of events (HTML standard, 9.2.6), as gateways send it while a model thinks unseen.
      for (let passed = 0; passed < (behaviour.thinkingMs ?? 0) && !response.destroyed; passed += 40) {
        response.write(': at work\n\n')
        await wait(40)
      }
      response.write(protocol.before())
      for (const piece of behaviour.pieces) {
        if (response.destroyed) return
        response.write(protocol.piece(piece))
        await wait(behaviour.pauseMs ?? 2)
      }
      return void response.end(protocol.end(behaviour.finish ?? 'stop', behaviour.pieces.length))
  }
}

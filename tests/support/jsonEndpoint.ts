// An endpoint on this machine that answers questions with JSON documents, and fails as it is told: busy, broken, slow, half an answer.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { localServer } from './localServer.ts'

export type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: unknown }

/** What happens to a request in place of its answer. */
export type Fault =
  | { readonly type: 'refuse'; readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Half of a document, with its end. */
  | { readonly type: 'malformed' }
  /** The connection is gone before the answer. */
  | { readonly type: 'cut' }
  /** Headers, and nothing after them. */
  | { readonly type: 'silent' }

export type JsonEndpoint = {
  /** Ends in /v1. */
  readonly baseUrl: string
  readonly seen: readonly Asked[]
  /** Most requests that were open at a time. */
  readonly most: () => number
  /** For the next requests, one each. */
  fail(...faults: readonly Fault[]): void
}

/** Answers by path behind /v1; another path is a 404. Until the test ends. */
export async function jsonEndpoint(answers: Readonly<Record<string, (body: unknown) => unknown>>): Promise<JsonEndpoint> {
  const seen: Asked[] = []
  const faults: Fault[] = []
  let [open, most] = [0, 0]
  const url = await localServer((request, response) => {
    open += 1
    most = Math.max(most, open)
    response.on('close', () => (open -= 1))
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const path = new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/v1/, '')
      const asked: Asked = { path, headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString('utf8') || 'null') }
      seen.push(asked)
      const fault = faults.shift()
      if (fault) return fail(response, fault)
      const answer = answers[path]
      const json = answer ? await answer(asked.body) : { error: { message: `no ${path} here` } }
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    })().catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  return { baseUrl: `${url}/v1`, seen, most: () => most, fail: (...more) => void faults.push(...more) }
}

function fail(response: ServerResponse, fault: Fault): void {
  switch (fault.type) {
    case 'refuse':
      return void response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '{"error":{"message":"not now"}}')
    case 'malformed':
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [{"log')
    case 'cut':
      return void response.destroy()
    case 'silent':
      return void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  }
}

// The teacher server: experts of suites as an OpenAI-compatible endpoint on 127.0.0.1, so that a script is asked as a hosted model is.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Problem } from '../../core/suites/index.ts'
import { errorInLine, RetortError } from '../../shared/errors.ts'
import { answerOf, type ChatRequest, chatRequestSchema, chunks, completion, toolsOf, turnOfAnswer, turnsOf } from './chatProtocol.ts'
import { type ExpertAnswers, type ExpertAnswersOptions, openExpertAnswers } from './expertAnswers.ts'
import { openTokenCounter, type TokenCounter } from './tokenCounter.ts'

export type TeacherServer = {
  /** Ends in /v1. */
  readonly url: string
  readonly models: readonly string[]
  /** Tasks need not be looked for. */
  readonly know: (problem: Problem) => void
  readonly close: () => Promise<void>
}

/** `port` 0: any free one. `student`: whose tokens are counted; undefined: no usage is said. */
export type TeacherServerOptions = ExpertAnswersOptions & { readonly port: number; readonly student?: string | undefined }

/** Throws RetortError `port-taken`, and what is wrong with a student. */
export async function startTeacherServer({ port, student, ...options }: TeacherServerOptions): Promise<TeacherServer> {
  const counter = student === undefined ? null : await openTokenCounter(student)
  const experts = openExpertAnswers(options)
  const server = createServer((request, response) => {
    respond(request, response, { experts, counter }).catch((error: unknown) => refuse(response, error))
  })
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  } catch (error) {
    await experts.dispose()
    await counter?.dispose()
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new RetortError({ code: 'port-taken', message: 'another program listens on this port', found: String(port), expected: 'a free port, or 0 for any' })
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    models: experts.models,
    know: experts.know,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await experts.dispose()
      await counter?.dispose()
    },
  }
}

type Voices = { readonly experts: ExpertAnswers; readonly counter: TokenCounter | null }

async function respond(request: IncomingMessage, response: ServerResponse, { experts, counter }: Voices): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const created = Math.floor(Date.now() / 1000)
  switch (`${request.method} ${pathname}`) {
    case 'GET /v1/models':
      return send(response, 200, { object: 'list', data: experts.models.map((id) => ({ id, object: 'model', created, owned_by: 'retort' })) })
    case 'POST /v1/chat/completions': {
      const asked = parsed(await bodyOf(request))
      const { model } = asked
      const [turns, tools] = [turnsOf(asked.messages), toolsOf(asked.tools)]
      const answer = await answerOf(await experts.answer({ model, turns, structured: (asked.tools ?? []).length > 0, seed: asked.seed ?? 0 }))
      // A stream has it where it is asked for.
      const wanted = asked.stream !== true || asked.stream_options?.include_usage === true
      const counted = wanted && counter ? counter.count({ turns, tools, answer: turnOfAnswer(answer) }) : null
      const named = { id: `chatcmpl-${randomBytes(8).toString('hex')}`, model, created, counted }
      if (asked.stream !== true) return send(response, 200, completion(answer, named))
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      for (const chunk of chunks(answer, named)) response.write(chunk)
      return void response.end()
    }
    default:
      throw new RetortError({ code: 'no-route', message: 'there is nothing at this path', found: `${request.method} ${pathname}`, expected: 'GET /v1/models or POST /v1/chat/completions' })
  }
}

function parsed(text: string): ChatRequest {
  try {
    return chatRequestSchema.parse(JSON.parse(text))
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error) : text.slice(0, 80)
    throw new RetortError({ code: 'bad-request', message: 'this is no chat completion request', found, expected: 'a JSON object with model and messages' })
  }
}

const MOST_BYTES = 8 * 1024 * 1024

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    parts.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes > MOST_BYTES) throw new RetortError({ code: 'bad-request', message: 'the request is too large', found: `more than ${MOST_BYTES} bytes`, expected: 'at most as many' })
  }
  return Buffer.concat(parts).toString('utf8')
}

const STATUS: Readonly<Record<string, number>> = { 'no-route': 404, 'no-model': 404, 'no-task': 404 }

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const known = error instanceof RetortError
  const message = known ? errorInLine(error) : error instanceof Error ? error.message : String(error)
  send(response, known ? (STATUS[error.code] ?? 400) : 500, { error: { message, type: known ? 'invalid_request_error' : 'server_error', code: known ? error.code : null, param: null } })
}

const send = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

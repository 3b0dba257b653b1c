// A server of one file on this machine that can misbehave: cuts, no ranges, other content.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { localServer } from './localServer.ts'

export type FileServer = { readonly url: string; readonly ranges: (string | null)[] }
export type Manners = {
  readonly content: Uint8Array
  /** Request by request, how many bytes are sent before the connection is cut; then none is cut. */
  readonly cuts?: readonly number[]
  readonly ranges?: boolean
  /** Answered with this status instead. */
  readonly status?: number
}

export async function fileServer({ content, cuts = [], ranges = true, status }: Manners): Promise<FileServer> {
  const asked: (string | null)[] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(request.headers.range ?? null)
    if (status !== undefined) return void response.writeHead(status).end()
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
    const part = content.subarray(from)
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': part.length, ...(from > 0 && range) })
    const cut = cuts[asked.length - 1]
    if (cut === undefined) return void response.end(part)
    response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 20))
  }
  return { url: `${await localServer(answer)}/file.whl`, ranges: asked }
}

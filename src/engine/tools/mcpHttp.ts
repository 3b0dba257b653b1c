// An MCP server behind an http address (the protocol's streamable HTTP): bodies are limited, redirects stay within the origin.
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** Of one answer; a stream of events counts as one. */
const MOST_BODY = 32 * 1024 * 1024
const GOODBYE_MS = 1000

export type HttpTransport = {
  readonly transport: StreamableHTTPClientTransport
  /** Ends the session at the server, where it has one, and all requests. */
  readonly close: () => Promise<void>
}

export function openHttpTransport(url: string): HttpTransport {
  const transport = new StreamableHTTPClientTransport(new URL(url), { fetch: limitedFetch })
  return {
    transport,
    async close() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)))
      await Promise.race([transport.terminateSession().catch(() => undefined), late])
      clearTimeout(timer)
      await transport.close()
    },
  }
}

async function limitedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  const { body, status, statusText, headers } = response
  if (!body) return response
  let size = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.length
      if (size > MOST_BODY) controller.error(new Error(`the answer is larger than ${MOST_BODY} bytes`))
      else controller.enqueue(chunk)
    },
  })
  return new Response(body.pipeThrough(limit), { status, statusText, headers })
}

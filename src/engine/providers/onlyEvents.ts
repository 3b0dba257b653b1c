// An answer that is to be a stream of events, and may be a page: told by its type and its first bytes, before anything reads it.
import { RetortError } from '../../shared/errors.ts'

/** Characters that are looked at, and those of them that an error shows. */
const LOOKED_AT = 64
const SHOWN = 40

/**
 * The same answer. Throws RetortError `endpoint-no-api` for a page: a login, a proxy's, that of an address without its /v1. Nothing was
 * written for it. What else is no stream of events is for the protocol to say.
 */
export async function onlyEvents(response: Response): Promise<Response> {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!response.ok || !response.body || type === 'text/event-stream') return response
  const [looked, whole] = response.body.tee()
  const beginning = await beginningOf(looked)
  if (type !== 'text/html' && !beginning.startsWith('<')) {
    const { status, statusText, headers } = response
    return new Response(whole, { status, statusText, headers })
  }
  await whole.cancel()
  throw new RetortError({
    code: 'endpoint-no-api',
    message: 'this address answers with a page, and is no API',
    found: `${type === '' ? 'no type' : type}, ${beginning === '' ? 'empty' : `beginning ${JSON.stringify(beginning.slice(0, SHOWN))}`}`,
    expected: 'a stream of events',
    advice: 'see whether the base URL is right: it often ends in /v1',
  })
}

async function beginningOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let text = ''
  while (text.length < LOOKED_AT) {
    const { done, value } = await reader.read()
    if (done) break
    text = (text + decoder.decode(value, { stream: true })).trimStart()
  }
  // Not waited for: half of a divided stream is let go of when the other half is (Streams standard, ReadableStreamDefaultTee).
  reader.cancel().catch(() => undefined)
  return text
}

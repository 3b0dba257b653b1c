// An endpoint's answer up to a size: what sends without end, or one event without end, is closed with an error.
import { RetortError } from '../../shared/errors.ts'

/** Bytes of a whole stream of events, of one of its events, and of an answer that is no such stream. */
export type Limits = { readonly answer: number; readonly event: number; readonly plain: number }

const MEBIBYTE = 1024 * 1024
/** A token as an event takes some 300 bytes: 200,000 tokens. Events hold one piece of text; lists of models are plain. */
export const LIMITS: Limits = { answer: 64 * MEBIBYTE, event: 4 * MEBIBYTE, plain: 8 * MEBIBYTE }

const NEWLINE = 10
const RETURN = 13

/** The same response; its body fails with RetortError `endpoint-too-large`, and the connection is closed, past a limit. `onBytes`: told when some come. */
export function limitedBody(response: Response, { answer, event, plain }: Limits, onBytes: () => void = () => undefined): Response {
  if (!response.body) return response
  const streams = /^text\/event-stream/i.test(response.headers.get('content-type') ?? '')
  const most = streams ? answer : plain
  let bytes = 0
  let ofEvent = 0
  let lineIsEmpty = true
  /** An empty line ends an event. */
  const longestEvent = (chunk: Uint8Array): number => {
    let longest = 0
    for (const byte of chunk) {
      ofEvent += 1
      if (byte === NEWLINE) {
        longest = Math.max(longest, ofEvent)
        if (lineIsEmpty) ofEvent = 0
        lineIsEmpty = true
      } else if (byte !== RETURN) lineIsEmpty = false
    }
    return Math.max(longest, ofEvent)
  }
  const limited = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onBytes()
        bytes += chunk.length
        if (bytes > most) throw tooLarge('an answer', most)
        if (streams && longestEvent(chunk) > event) throw tooLarge('an event', event)
        controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers } = response
  return new Response(limited, { status, statusText, headers })
}

const tooLarge = (what: string, most: number): RetortError =>
  new RetortError({
    code: 'endpoint-too-large',
    message: 'the endpoint sent more than is taken',
    found: `${what} of more than ${most} bytes`,
    expected: `at most ${most}`,
    advice: 'the connection was closed; see whether this is the right address',
  })

// Limits of requests and tokens a minute: who would exceed one waits, in the order in which they came.
import { setTimeout as wait } from 'node:timers/promises'

const MINUTE_MS = 60_000

export type RateLimit = {
  /** Resolves when a request of so many tokens may go out; it counts from then on. Rejects with the signal's reason. */
  pass(tokens: number, signal: AbortSignal): Promise<void>
}

export type RateLimitOptions = {
  /** null: no limit. */
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** Milliseconds; for tests. */
  readonly time?: { now(): number; wait(milliseconds: number, signal: AbortSignal): Promise<void> }
}

const SYSTEM: NonNullable<RateLimitOptions['time']> = {
  now: () => performance.now(),
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}

/** Over any sixty seconds. A request that is larger than a minute's tokens goes out alone, when nothing else counts. */
export function createRateLimit({ requestsPerMinute, tokensPerMinute, time = SYSTEM }: RateLimitOptions): RateLimit {
  let sent: { readonly at: number; readonly tokens: number }[] = []
  let last: Promise<unknown> = Promise.resolve()

  async function whenFree(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const now = time.now()
      sent = sent.filter(({ at }) => at > now - MINUTE_MS)
      const used = sent.reduce((sum, request) => sum + request.tokens, 0)
      const fits = (requestsPerMinute === null || sent.length < Math.max(1, requestsPerMinute)) && (tokensPerMinute === null || used + tokens <= tokensPerMinute)
      if (fits || sent.length === 0) return void sent.push({ at: now, tokens })
      await time.wait(Math.max(1, sent[0]!.at + MINUTE_MS - now), signal)
    }
  }

  return {
    pass(tokens, signal) {
      if (requestsPerMinute === null && tokensPerMinute === null) return Promise.resolve()
      const own = last.then(() => whenFree(tokens, signal))
      last = own.catch(() => undefined)
      return own
    },
  }
}

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
  /** Requests of earlier starts: how many milliseconds ago, and of how many tokens. */
  readonly before?: readonly { readonly ago: number; readonly tokens: number }[]
  /** Milliseconds; for tests. */
  readonly time?: { now(): number; wait(milliseconds: number, signal: AbortSignal): Promise<void> }
}

const SYSTEM: NonNullable<RateLimitOptions['time']> = {
  now: () => performance.now(),
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}

type Sent = { readonly at: number; readonly tokens: number }

/** So many requests in so many milliseconds: of a number a minute that is not whole, one at a time, evenly. */
const spacing = (perMinute: number | null): { readonly most: number; readonly ms: number } =>
  perMinute === null ? { most: Infinity, ms: 0 } : Number.isInteger(perMinute) ? { most: perMinute, ms: MINUTE_MS } : { most: 1, ms: MINUTE_MS / perMinute }

/** Over any sixty seconds. A request that is larger than a minute's tokens goes out alone, when nothing else counts. */
export function createRateLimit({ requestsPerMinute, tokensPerMinute, before = [], time = SYSTEM }: RateLimitOptions): RateLimit {
  const { most, ms } = spacing(requestsPerMinute)
  const longest = Math.max(ms, MINUTE_MS)
  // A clock that was put back has nothing to come.
  let sent: Sent[] = before.map(({ ago, tokens }) => ({ at: time.now() - Math.max(0, ago), tokens })).sort((a, b) => a.at - b.at)
  let last: Promise<unknown> = Promise.resolve()

  async function whenFree(tokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const now = time.now()
      sent = sent.filter(({ at }) => at > now - longest)
      const [counted, weighed] = [sent.filter(({ at }) => at > now - ms), sent.filter(({ at }) => at > now - MINUTE_MS)]
      const used = weighed.reduce((sum, request) => sum + request.tokens, 0)
      const room = counted.length < most
      if (room && (tokensPerMinute === null || weighed.length === 0 || used + tokens <= tokensPerMinute)) return void sent.push({ at: now, tokens })
      await time.wait(Math.max(1, room ? weighed[0]!.at + MINUTE_MS - now : counted[0]!.at + ms - now), signal)
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

// Limits of requests and tokens a minute by a clock that is told, and how long is waited.
import { describe, expect, test } from 'vitest'
import { backoffPauses, pauseBefore } from '../../../src/engine/providers/pause.ts'
import { createRateLimit, type RateLimitOptions } from '../../../src/engine/providers/rateLimit.ts'

function toldTime() {
  let now = 0
  return {
    now: () => now,
    wait: async (milliseconds: number, signal: AbortSignal) => {
      signal.throwIfAborted()
      now += milliseconds
    },
  }
}
const never = new AbortController().signal

/** When each of the requests went out. */
async function times(limits: Omit<RateLimitOptions, 'time'>, tokens: readonly number[]): Promise<number[]> {
  const time = toldTime()
  const limit = createRateLimit({ ...limits, time })
  const went: number[] = []
  await Promise.all(tokens.map((count) => limit.pass(count, never).then(() => went.push(time.now()))))
  return went
}

describe('limits of rate', () => {
  test('requests: no more than so many within any minute', async () => {
    expect(await times({ requestsPerMinute: 2, tokensPerMinute: null }, [1, 1, 1, 1, 1])).toEqual([0, 0, 60_000, 60_000, 120_000])
  })

  test('tokens: likewise, and one that is too large goes out alone', async () => {
    expect(await times({ requestsPerMinute: null, tokensPerMinute: 100 }, [60, 40, 30, 500, 10])).toEqual([0, 0, 60_000, 120_000, 180_000])
  })

  test('less than one a minute, and fractions: one at a time, evenly', async () => {
    expect(await times({ requestsPerMinute: 0.5, tokensPerMinute: null }, [1, 1, 1])).toEqual([0, 120_000, 240_000])
    expect(await times({ requestsPerMinute: 2.5, tokensPerMinute: null }, [1, 1, 1, 1])).toEqual([0, 24_000, 48_000, 72_000])
    expect(await times({ requestsPerMinute: 0.5, tokensPerMinute: 100 }, [90, 90])).toEqual([0, 120_000])
    expect(await times({ requestsPerMinute: 2.5, tokensPerMinute: 100 }, [90, 90, 5])).toEqual([0, 60_000, 84_000])
  })

  test('requests of earlier starts count as long as they would have', async () => {
    const before = [{ ago: 50_000, tokens: 60 }, { ago: 10_000, tokens: 30 }, { ago: 61_000, tokens: 99 }]
    expect(await times({ requestsPerMinute: 2, tokensPerMinute: null, before }, [1, 1])).toEqual([10_000, 50_000])
    expect(await times({ requestsPerMinute: null, tokensPerMinute: 100, before }, [10, 10, 60])).toEqual([0, 10_000, 50_000])
    expect(await times({ requestsPerMinute: 0.5, tokensPerMinute: null, before }, [1])).toEqual([110_000])
    // A clock that was put back.
    expect(await times({ requestsPerMinute: 1, tokensPerMinute: null, before: [{ ago: -1e9, tokens: 1 }] }, [1])).toEqual([60_000])
  })

  test('no limit, no wait', async () => {
    expect(await times({ requestsPerMinute: null, tokensPerMinute: null }, [1e9, 1e9])).toEqual([0, 0])
  })

  test('who gives up takes no place', async () => {
    const time = toldTime()
    const limit = createRateLimit({ requestsPerMinute: 1, tokensPerMinute: null, time })
    await limit.pass(1, never)
    await expect(limit.pass(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    await limit.pass(1, never)
    expect(time.now()).toBe(60_000)
  })
})

describe('waits before further tries', () => {
  test('double up to the longest, by chance between half and one and a half', () => {
    const waits = (chance: number): number[] => [...backoffPauses({ tries: 6, firstMs: 1000, mostMs: 5000, random: () => chance })]
    expect(waits(0.5)).toEqual([1000, 2000, 4000, 5000, 5000])
    expect(waits(0)).toEqual([500, 1000, 2000, 2500, 2500])
    expect([...backoffPauses({ tries: 1, firstMs: 1, mostMs: 1, random: () => 0 })]).toEqual([])
  })

  test('Retry-After in seconds and as a date; another text, and too long a time', () => {
    const after = (value: string, most?: number): number | null => pauseBefore({ statusCode: 429, responseHeaders: { 'retry-after': value } }, 700, most)
    expect(after('3')).toBe(3000)
    const inTenSeconds = after(new Date(Date.now() + 10_000).toUTCString())!
    expect(inTenSeconds).toBeGreaterThan(8000)
    expect(inTenSeconds).toBeLessThanOrEqual(10_000)
    expect(after(new Date(Date.now() - 10_000).toUTCString())).toBe(0)
    expect(after('soon')).toBe(700)
    expect(after('90')).toBeNull()
    expect(after('90', 100_000)).toBe(90_000)
    expect(pauseBefore({ statusCode: 400 }, 700)).toBeNull()
  })
})

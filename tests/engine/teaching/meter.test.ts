// The meter: what is set aside before a request, what is left after it, and a limit that is never passed.
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createMeter } from '../../../src/engine/teaching/meter.ts'
import { createRandom } from '../../../src/core/random.ts'

const NOTHING = { requests: 0, promptTokens: 0, tokens: 0, assumed: 0 }
const never = new AbortController().signal
const paid = (promptTokens: number, tokens: number) => ({ promptTokens, tokens, assumed: false })

describe('the meter', () => {
  test('tokens and cost add up, with what earlier starts spent', async () => {
    const meter = createMeter({ prices: { input: 2, output: 10 }, budget: { cost: null, tokens: null }, before: { requests: 1, promptTokens: 1000, tokens: 100, assumed: 1 } })
    const one = await meter.reserve({ promptTokens: 500, tokens: 50 }, never)
    expect(meter.reserved()).toEqual({ tokens: 550, cost: (500 * 2 + 50 * 10) / 1e6 })
    one.settle(paid(400, 30))
    one.settle(paid(400, 30))
    expect(meter.reserved()).toEqual({ tokens: 0, cost: 0 })
    expect(meter.usage()).toEqual({ requests: 2, answered: 0, failed: 0, replayed: 0, promptTokens: 1400, tokens: 130, assumed: 1, cost: (1400 * 2 + 130 * 10) / 1e6 })
    expect(createMeter({ prices: null, budget: { cost: null, tokens: 9 }, before: NOTHING }).usage().cost).toBeNull()
  })

  test('a limit of cost without prices is refused', () => {
    expect(() => createMeter({ prices: null, budget: { cost: 1, tokens: null }, before: NOTHING })).toThrow(expect.objectContaining({ code: 'no-prices' }))
  })

  test('a request that might pass the limit waits for those that are open, and goes when they took less', async () => {
    const meter = createMeter({ prices: null, budget: { cost: null, tokens: 100 }, before: NOTHING })
    const first = await meter.reserve({ promptTokens: 40, tokens: 40 }, never)
    let went = false
    const second = meter.reserve({ promptTokens: 20, tokens: 20 }, never).then((reservation) => {
      went = true
      return reservation
    })
    await wait(0)
    expect(went).toBe(false)
    first.settle(paid(40, 5))
    ;(await second).settle(paid(20, 20))
    expect(meter.usage()).toMatchObject({ promptTokens: 60, tokens: 25 })
  })

  test('with nothing open and no room it is reached, for everyone who waits and comes after', async () => {
    const meter = createMeter({ prices: { input: 1, output: 1 }, budget: { cost: 100 / 1e6, tokens: null }, before: NOTHING })
    const first = await meter.reserve({ promptTokens: 50, tokens: 40 }, never)
    const others = [meter.reserve({ promptTokens: 50, tokens: 1 }, never), meter.reserve({ promptTokens: 1, tokens: 1 }, never)]
    first.settle(paid(50, 10))
    const outcomes = await Promise.allSettled(others)
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)).toEqual(['budget-reached', 'budget-reached'])
    await expect(meter.reserve({ promptTokens: 1, tokens: 0 }, never)).rejects.toMatchObject({ code: 'budget-reached' })
    expect(meter.usage().cost).toBeCloseTo(60 / 1e6, 12)
  })

  test('who gives up waiting is not waited for', async () => {
    const meter = createMeter({ prices: null, budget: { cost: null, tokens: 10 }, before: NOTHING })
    const first = await meter.reserve({ promptTokens: 5, tokens: 0 }, never)
    const stop = new AbortController()
    const large = meter.reserve({ promptTokens: 8, tokens: 0 }, stop.signal)
    const small = meter.reserve({ promptTokens: 2, tokens: 0 }, never)
    stop.abort(new Error('stopped'))
    await expect(large).rejects.toThrow('stopped')
    await small
    first.settle(null)
    expect(meter.reserved().tokens).toBe(2)
    expect(meter.usage().requests).toBe(0)
  })

  test('sixteen at a time, of random size, never have more set aside and spent than the limit', async () => {
    const random = createRandom(5)
    const limit = 5000
    const meter = createMeter({ prices: null, budget: { cost: null, tokens: limit }, before: NOTHING })
    let worst = 0
    let reached = 0
    const worker = async (): Promise<void> => {
      for (;;) {
        const most = { promptTokens: 20 + Math.floor(random.next() * 200), tokens: 50 }
        let reservation
        try {
          reservation = await meter.reserve(most, never)
        } catch {
          reached += 1
          return
        }
        const { promptTokens, tokens } = meter.usage()
        worst = Math.max(worst, promptTokens + tokens + meter.reserved().tokens)
        await wait(0)
        reservation.settle(random.next() < 0.1 ? null : paid(Math.floor(most.promptTokens * random.next()), Math.floor(most.tokens * random.next())))
      }
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    expect(reached).toBe(16)
    expect(worst).toBeLessThanOrEqual(limit)
    const { promptTokens, tokens } = meter.usage()
    // Not stopped far before either: the largest request did not fit any more.
    expect(promptTokens + tokens).toBeGreaterThan(limit - 270)
  })
})

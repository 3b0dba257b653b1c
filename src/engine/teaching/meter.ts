// The meter of a batch: what is spent, what open requests may come to, and a limit that is never passed.
import { costText } from '../../shared/cost.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Budget, BudgetChange, Prices, Usage } from '../../shared/records/rollout.ts'
import type { Paid } from './journal.ts'

/** What a request may come to: its prompt's upper bound, and the most that it may write. */
export type Most = { readonly promptTokens: number; readonly tokens: number }

export type Reservation = {
  /** Ends it: with what was paid, or null for nothing. */
  readonly settle: (paid: Paid | null) => void
}

export type Meter = {
  /**
   * Sets aside what a request may come to, before it is sent. While open requests leave no room, it waits for them. When none is open
   * and there is still no room, the budget is reached: RetortError `budget-reached`, now and for everyone after.
   */
  reserve(most: Most, signal: AbortSignal): Promise<Reservation>
  replayed(): void
  /** How a call ended. */
  ended(how: 'answered' | 'failed'): void
  usage(): Usage
  reserved(): { tokens: number; cost: number | null }
}

type MeterOptions = {
  readonly prices: Prices | null
  readonly budget: Budget
  /** Of earlier starts. */
  readonly before: Omit<Usage, 'cost' | 'replayed'>
}

type Waiter = { readonly most: Most; readonly resolve: (reservation: Reservation) => void; readonly reject: (error: Error) => void }

/** Of teachers that cost nothing. */
export const FREE_PRICES: Prices = { input: 0, output: 0 }

const PER = 1_000_000

/** Money of tokens; null: prices are not known. */
export const costOf = ({ promptTokens, tokens }: Most, prices: Prices | null): number | null =>
  prices === null ? null : (promptTokens * prices.input + tokens * prices.output) / PER

const PRICED = 'what a million tokens cost, read and written (--price-in and --price-out); or a limit of tokens (--budget-tokens)'
const UNPRICED = 'a limit of tokens (--budget-tokens): it was begun without prices, and keeps what it was begun with'

/** Throws RetortError `no-prices` for a limit of cost without prices. */
export function requirePrices({ prices, budget }: Pick<MeterOptions, 'prices' | 'budget'>, expected: string = PRICED): void {
  if (budget.cost === null || prices !== null) return
  throw new RetortError({ code: 'no-prices', message: 'a limit of cost needs the prices of the model', found: `a limit of ${budget.cost} without prices`, expected })
}

/** Of what is gone on with: what is not named stays. Throws RetortError `no-prices`, where no prices can be named any more. */
export function changedBudget({ prices, budget }: Pick<MeterOptions, 'prices' | 'budget'>, { cost, tokens }: BudgetChange): Budget {
  const changed: Budget = { cost: cost === undefined ? budget.cost : cost, tokens: tokens === undefined ? budget.tokens : tokens }
  requirePrices({ prices, budget: changed }, UNPRICED)
  return changed
}

/** Throws RetortError `no-prices`. */
export function createMeter({ prices, budget, before }: MeterOptions): Meter {
  requirePrices({ prices, budget })
  const spent = { ...before, answered: before.answered ?? 0, failed: before.failed ?? 0, replayed: 0 }
  const open = new Set<Most>()
  let waiting: Waiter[] = []
  let reached: RetortError | null = null

  const openSum = (): Most => [...open].reduce((sum, most) => added(sum, most), NOTHING)
  const fits = (most: Most): boolean => {
    const all = added(added(spent, openSum()), most)
    const cost = costOf(all, prices)
    return (budget.tokens === null || all.promptTokens + all.tokens <= budget.tokens) && (budget.cost === null || cost === null || cost <= budget.cost)
  }
  const grant = (most: Most): Reservation => {
    // Requests that may come to the same are different ones.
    const own = { ...most }
    open.add(own)
    return {
      settle(paid) {
        if (!open.delete(own)) return
        if (paid) {
          spent.requests += 1
          spent.promptTokens += paid.promptTokens
          spent.tokens += paid.tokens
          if (paid.assumed) spent.assumed += 1
        }
        serve()
      },
    }
  }
  /** In the order in which they came: a large request is not passed by for ever. */
  function serve(): void {
    while (waiting.length > 0) {
      const [first] = waiting as [Waiter]
      if (reached === null && fits(first.most)) {
        waiting = waiting.slice(1)
        first.resolve(grant(first.most))
      } else if (reached !== null || open.size === 0) {
        reached ??= reachedBy(first.most)
        const all = waiting
        waiting = []
        for (const { reject } of all) reject(reached)
      } else return
    }
  }
  const reachedBy = (most: Most): RetortError => {
    const { promptTokens, tokens } = spent
    const now = costOf(spent, prices)
    const next = costOf(most, prices)
    const money = budget.cost !== null && now !== null && next !== null && now + next > budget.cost
    return new RetortError({
      code: 'budget-reached',
      message: 'the budget leaves no room for another request',
      found: money ? `${costText(now)} spent, and up to ${costText(next)} for the next` : `${promptTokens + tokens} tokens spent, and up to ${most.promptTokens + most.tokens} for the next`,
      expected: money ? `at most ${budget.cost}` : `at most ${budget.tokens} tokens`,
      advice: 'go on with a larger budget: nothing that was answered is paid for again',
    })
  }

  return {
    reserve: (most, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error)
        const waiter: Waiter = { most, resolve: (reservation) => end(() => resolve(reservation)), reject: (error) => end(() => reject(error)) }
        const abort = (): void => {
          waiting = waiting.filter((other) => other !== waiter)
          waiter.reject(signal.reason as Error)
          serve()
        }
        const end = (settle: () => void): void => {
          signal.removeEventListener('abort', abort)
          settle()
        }
        signal.addEventListener('abort', abort, { once: true })
        waiting.push(waiter)
        serve()
      }),
    replayed: () => void (spent.replayed += 1),
    ended: (how) => void (spent[how] += 1),
    usage: () => ({ ...spent, cost: costOf(spent, prices) }),
    reserved: () => {
      const sum = openSum()
      return { tokens: sum.promptTokens + sum.tokens, cost: costOf(sum, prices) }
    },
  }
}

const NOTHING: Most = { promptTokens: 0, tokens: 0 }
const added = (a: Most, b: Most): Most => ({ promptTokens: a.promptTokens + b.promptTokens, tokens: a.tokens + b.tokens })

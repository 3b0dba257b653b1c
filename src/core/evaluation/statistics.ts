// Intervals: how far a figure of some tasks may be from that of all of them. All are 95 % and two-sided.
import type { Interval } from '../../shared/records/evaluation.ts'
import { createRandom } from '../random.ts'

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054
/** Draws of a bootstrap, unless the caller asks for another number. */
const DRAWS = 10_000

/** Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927): good for few tasks, and at 0 and 1. null of no tasks. */
export function wilson(successes: number, tasks: number): Interval | null {
  if (tasks === 0) return null
  const share = successes / tasks
  const spread = Z ** 2 / tasks
  const middle = (share + spread / 2) / (1 + spread)
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / tasks + spread / (4 * tasks))
  // At the ends the formula is exact; floating point is not.
  return { value: share, low: successes === 0 ? 0 : Math.max(0, middle - half), high: successes === tasks ? 1 : Math.min(1, middle + half) }
}

export type Draws = { readonly seed: number; readonly draws?: number }

/** Percentile bootstrap of the mean (Efron, Annals of Statistics 7, 1979). The same seed gives the same interval; null of no values. */
export function bootstrapMean(values: readonly number[], { seed, draws = DRAWS }: Draws): Interval | null {
  const { length } = values
  if (length === 0) return null
  const random = createRandom(seed)
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0
    for (let i = 0; i < length; i++) sum += values[Math.floor(random.next() * length)]!
    means[draw] = sum / length
  }
  means.sort()
  return { value: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

/** Mean of `second` less `first`, where both hold the same tasks in the same order: tasks are drawn, and each brings both of its values. */
export function pairedDifference(first: readonly number[], second: readonly number[], draws: Draws): Interval | null {
  if (first.length !== second.length) throw new Error(`pairs need equal lengths: ${first.length} and ${second.length}`)
  return bootstrapMean(second.map((value, i) => value - first[i]!), draws)
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of sorted values, linear between neighbours (type 7 of Hyndman and Fan, as NumPy has it). */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const next = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[next]! - sorted[below]!)
}

// Intervals: how far a figure of some tasks may be from that of all of them. All are 95 % and two-sided.
import type { Interval } from '../../shared/records/evaluation.ts'

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054
/** Draws of a bootstrap, unless the caller asks for another number. */
export const DRAWS = 10_000

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

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of sorted values, linear between neighbours (type 7 of Hyndman and Fan, as NumPy has it). */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const next = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[next]! - sorted[below]!)
}

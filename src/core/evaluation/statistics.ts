// Intervals: how far a figure of some tasks may be from that of all of them. All are 95 % and two-sided.
export { wilson } from '../../shared/wilson.ts'

/** Draws of a bootstrap, unless the caller asks for another number. */
export const DRAWS = 10_000

export type Draws = { readonly seed: number; readonly draws?: number }

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of sorted values, linear between neighbours (type 7 of Hyndman and Fan, as NumPy has it). */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const next = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[next]! - sorted[below]!)
}

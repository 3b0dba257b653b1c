// Wilson's interval of a share: how far what was seen of some tasks may be from that of all of them.
import type { Interval } from './records/evaluation.ts'

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054

/** 95 %, two-sided (E. B. Wilson, JASA 22, 1927): good for few tasks, and at 0 and 1. null of no tasks. */
export function wilson(successes: number, tasks: number): Interval | null {
  if (tasks === 0) return null
  const share = successes / tasks
  const spread = Z ** 2 / tasks
  const middle = (share + spread / 2) / (1 + spread)
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / tasks + spread / (4 * tasks))
  // At the ends the formula is exact; floating point is not.
  return { value: share, low: successes === 0 ? 0 : Math.max(0, middle - half), high: successes === tasks ? 1 : Math.min(1, middle + half) }
}

// Intervals of what the same tasks come to with several seeds, and of the difference of two such: tasks and seeds are both drawn.
//
// Tasks and seeds are crossed (each seed is asked every task), so that rows and columns are drawn apart from each other: the pigeonhole
// bootstrap (A. B. Owen, Annals of Applied Statistics 1, 2007). Of S seeds S - 1 are drawn, which makes their variance s²/S without
// bias (J. N. K. Rao and C. F. J. Wu, JASA 83, 1988); with S of them three seeds would show two thirds of it.
//
// Where nearly all tasks come to the same there is nothing to draw from, and a bootstrap ends at no width at all. The interval then
// also holds Wilson's (a share) or Newcombe's of paired differences (method 10 of R. G. Newcombe, Statistics in Medicine 17, 1998),
// over as many tasks as there are: seeds make no further tasks.
import type { Interval } from '../../shared/records/evaluation.ts'
import { createRandom } from '../random.ts'
import { DRAWS, type Draws, mean, quantile, wilson } from './statistics.ts'

/** A row for each task, and in it what came of it with each seed, from 0 to 1. */
export type Grid = readonly (readonly number[])[]

/** Fewer tasks than this that are not like the others: the bootstrap alone does not count. */
const FEW = 5

/** Mean of a grid; Wilson's interval where there is one seed, and each task is solved or not. null of no tasks. */
export function shareOf(grid: Grid, draws: Draws): Interval | null {
  if (grid.length === 0) return null
  const tasks = grid.map(mean)
  const plain = wilson(mean(tasks) * tasks.length, tasks.length)!
  if (grid.every((row) => row.length === 1 && (row[0] === 0 || row[0] === 1))) return plain
  return widened(crossed([grid], draws), { value: mean(tasks), tasks, by: plain })
}

/** `seeds`: 'paired' where the columns of both are of the same seeds in the same order, which are then drawn together; else each draws its own. */
type Pairing = Draws & { readonly seeds: 'paired' | 'apart' }

/** Mean of `second` less that of `first`; rows of both are the same tasks in the same order. null of no tasks. */
export function differenceOf(first: Grid, second: Grid, pairing: Pairing): Interval | null {
  if (first.length !== second.length) throw new Error(`pairs need equal lengths: ${first.length} and ${second.length}`)
  if (first.length === 0) return null
  const [own, other] = [second[0]!.length, first[0]!.length]
  if (pairing.seeds === 'paired' && own !== other) throw new Error(`paired seeds need as many of both: ${other} and ${own}`)
  const [before, after] = [first.map(mean), second.map(mean)]
  const tasks = after.map((value, i) => value - before[i]!)
  return widened(crossed([second, first], pairing), { value: mean(tasks), tasks, by: newcombe(before, after) })
}

/** The same of one seed each. */
export const pairedDifference = (first: readonly number[], second: readonly number[], draws: Draws): Interval | null =>
  differenceOf(first.map((value) => [value]), second.map((value) => [value]), { ...draws, seeds: 'paired' })

/** Percentile bootstrap (Efron, Annals of Statistics 7, 1979) of the first grid's mean, less the second's. The same seed gives the same ends. */
function crossed([grid, less]: readonly [Grid] | readonly [Grid, Grid], { seed, draws = DRAWS, seeds: pairing = 'apart' }: Draws & Partial<Pairing>): Pick<Interval, 'low' | 'high'> {
  const random = createRandom(seed)
  const columns = (seeds: number): number[] => Array.from({ length: Math.max(1, seeds - 1) }, () => Math.floor(random.next() * seeds))
  const seeds = grid[0]!.length
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    const own = columns(seeds)
    const others = less && (pairing === 'paired' ? own : columns(less[0]!.length))
    let [sum, taken] = [0, 0]
    for (let i = 0; i < grid.length; i++) {
      const task = Math.floor(random.next() * grid.length)
      for (const column of own) sum += grid[task]![column]!
      if (less) for (const column of others!) taken += less[task]![column]!
    }
    means[draw] = sum / (grid.length * own.length) - (others ? taken / (grid.length * others.length) : 0)
  }
  means.sort()
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

type Widening = { readonly value: number; readonly tasks: readonly number[]; readonly by: Pick<Interval, 'low' | 'high'> }

/** The interval that was drawn; where few of the `tasks` are unlike the others, with `by` in it. */
export function widened(drawn: Pick<Interval, 'low' | 'high'>, { value, tasks, by }: Widening): Interval {
  const usual = [...tasks].sort((a, b) => a - b)[Math.floor(tasks.length / 2)]!
  const unlike = tasks.reduce((sum, task) => sum + Math.abs(task - usual), 0)
  return unlike < FEW ? { value, low: Math.min(drawn.low, by.low), high: Math.max(drawn.high, by.high) } : { value, ...drawn }
}

/** Of what came of the same tasks: Wilson's limits of both shares, squared and added, with the correlation of the pairs (corrected for continuity, as in the source). */
export function newcombe(first: readonly number[], second: readonly number[]): Pick<Interval, 'low' | 'high'> {
  const { length } = first
  const [p, q] = [mean(first), mean(second)]
  const together = mean(first.map((value, i) => value * second[i]!)) - p * q
  const spread = Math.sqrt(p * (1 - p) * q * (1 - q))
  // The counts of the table are shares of its tasks here: n/2 of them is 1/(2n).
  const phi = spread === 0 ? 0 : (together > 0 ? Math.max(together - 1 / (2 * length), 0) : together) / spread
  const [one, two] = [wilson(p * length, length)!, wilson(q * length, length)!]
  const far = (a: number, b: number): number => Math.sqrt(Math.max(0, a ** 2 - 2 * phi * a * b + b ** 2))
  return { low: Math.max(-1, q - p - far(q - two.low, one.high - p)), high: Math.min(1, q - p + far(two.high - q, p - one.low)) }
}

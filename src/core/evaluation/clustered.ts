// Intervals of what steps come to where several are of the same task: such steps are alike, and count as one task does. Tasks are
// drawn, each with all its steps, and what comes of the steps is divided by how many they are (the cluster bootstrap: A. C. Davison and
// D. V. Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). Few tasks that differ: as in crossed.ts.
import type { Interval } from '../../shared/records/evaluation.ts'
import { createRandom } from '../random.ts'
import { newcombe, shareOf, widened } from './crossed.ts'
import { DRAWS, type Draws, mean, quantile, wilson } from './statistics.ts'

/** A step of a task: what came of it, from 0 to 1. */
type TaskStep = { readonly task: string; readonly value: number }

/** Mean over the steps; as `shareOf` where each is of a task of its own. null of no steps. */
export function clusteredMean(steps: readonly TaskStep[], draws: Draws): Interval | null {
  if (steps.length === 0) return null
  const tasks = [...byTask(steps, ({ value }) => value).values()]
  if (tasks.length === steps.length) return shareOf(tasks, draws)
  const value = mean(steps.map((step) => step.value))
  return widened(drawn(tasks, draws), { value, tasks: tasks.map(mean), by: wilson(value * tasks.length, tasks.length)! })
}

/** What came of the same step otherwise. */
type StepPair = { readonly task: string; readonly first: number; readonly second: number }

/** Mean of `second` less that of `first`, paired by step. null of no steps. */
export function clusteredDifference(steps: readonly StepPair[], draws: Draws): Interval | null {
  if (steps.length === 0) return null
  const tasks = [...byTask(steps, ({ first, second }) => second - first).values()]
  const of = (pick: (step: StepPair) => number): number[] => [...byTask(steps, pick).values()].map(mean)
  const value = mean(steps.map(({ first, second }) => second - first))
  return widened(drawn(tasks, draws), { value, tasks: tasks.map(mean), by: newcombe(of(({ first }) => first), of(({ second }) => second)) })
}

/** In the order in which tasks come first. */
function byTask<Step extends { readonly task: string }>(steps: readonly Step[], valueOf: (step: Step) => number): Map<string, number[]> {
  const tasks = new Map<string, number[]>()
  for (const step of steps) tasks.set(step.task, [...(tasks.get(step.task) ?? []), valueOf(step)])
  return tasks
}

function drawn(tasks: readonly (readonly number[])[], { seed, draws = DRAWS }: Draws): Pick<Interval, 'low' | 'high'> {
  const random = createRandom(seed)
  const sums = tasks.map((values) => values.reduce((sum, value) => sum + value, 0))
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    let [sum, steps] = [0, 0]
    for (let i = 0; i < tasks.length; i++) {
      const task = Math.floor(random.next() * tasks.length)
      sum += sums[task]!
      steps += tasks[task]!.length
    }
    means[draw] = sum / steps
  }
  means.sort()
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

// What a ladder comes to: the share of tasks that each rung solves, over its seeds, and against the rung that it is compared with.
import type { TaskResult } from '../../shared/records/evaluation.ts'
import type { ArmScore, LadderSpec } from '../../shared/records/ladder.ts'
import { baselineOf } from './arms.ts'
import { bootstrapMean, mean, pairedDifference, wilson } from './statistics.ts'

/** An evaluation that is over. */
export type RungResults = { readonly arm: string; readonly seed: number; readonly tasks: string; readonly results: readonly TaskResult[] }

/** Of every draw of tasks: the same intervals each time. */
const BOOTSTRAP_SEED = 20_261_122

/** By arm and set of tasks, in the order of the ladder; those without any evaluation are left out. */
export function scoresOf(spec: LadderSpec, rungs: readonly RungResults[]): ArmScore[] {
  const baseline = baselineOf(spec)
  return spec.tasks.flatMap(({ name: tasks }) => {
    const shares = new Map(spec.arms.map(({ name }) => [name, sharesOf(rungs.filter((rung) => rung.arm === name && rung.tasks === tasks))]))
    return spec.arms.flatMap(({ name: arm }): ArmScore[] => {
      const own = shares.get(arm)!
      const success = own.seeds.length === 1 ? wilson(sum([...own.byTask.values()]), own.byTask.size) : bootstrapMean([...own.byTask.values()], { seed: BOOTSTRAP_SEED })
      if (success === null) return []
      const against = baseline === null || baseline === arm ? undefined : shares.get(baseline)
      const interval = against && difference(against.byTask, own.byTask)
      return [{ arm, tasks, seeds: own.seeds.length, success, bySeed: own.seeds, difference: interval ? { against: baseline!, interval } : null }]
    })
  })
}

type Shares = { readonly seeds: readonly number[]; readonly byTask: ReadonlyMap<string, number> }

/** `seeds`: share of tasks solved with each. `byTask`: share of the seeds that solved it, of tasks that all seeds have done. */
function sharesOf(rungs: readonly RungResults[]): { seeds: number[]; byTask: Shares['byTask'] } {
  const outcomes = new Map<string, number[]>()
  for (const { results } of rungs) for (const { task, success } of results) outcomes.set(task.id, [...(outcomes.get(task.id) ?? []), Number(success)])
  const whole = [...outcomes].filter(([, values]) => values.length === rungs.length)
  return {
    seeds: rungs.filter(({ results }) => results.length > 0).map(({ results }) => mean(results.map(({ success }) => Number(success)))),
    byTask: new Map(whole.map(([task, values]) => [task, mean(values)])),
  }
}

/** Over the tasks that both have. */
function difference(first: Shares['byTask'], second: Shares['byTask']): ReturnType<typeof pairedDifference> {
  const both = [...second.keys()].filter((task) => first.has(task))
  return pairedDifference(both.map((task) => first.get(task)!), both.map((task) => second.get(task)!), { seed: BOOTSTRAP_SEED })
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

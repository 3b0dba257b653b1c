// What a ladder comes to: the share of tasks that each rung solves, over its seeds, and against the rung that it is compared with.
import type { TaskResult } from '../../shared/records/evaluation.ts'
import type { ArmScore, LadderSpec } from '../../shared/records/ladder.ts'
import { baselineOf } from './arms.ts'
import { differenceOf, shareOf } from './crossed.ts'
import { mean } from './statistics.ts'

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
      const success = shareOf([...own.byTask.values()], { seed: BOOTSTRAP_SEED })
      if (success === null) return []
      const against = baseline === null || baseline === arm ? undefined : shares.get(baseline)
      const interval = against && difference(against.byTask, own.byTask)
      return [{ arm, tasks, seeds: own.seeds.length, success, bySeed: [...own.seeds], difference: interval ? { against: baseline!, interval } : null }]
    })
  })
}

/** `seeds`: share of tasks solved with each. `byTask`: what came of each task with each seed, of tasks that all seeds have done. */
type Shares = { readonly seeds: readonly number[]; readonly byTask: ReadonlyMap<string, readonly number[]> }

function sharesOf(rungs: readonly RungResults[]): Shares {
  const outcomes = new Map<string, number[]>()
  for (const { results } of rungs) for (const { task, success } of results) outcomes.set(task.id, [...(outcomes.get(task.id) ?? []), Number(success)])
  return {
    seeds: rungs.filter(({ results }) => results.length > 0).map(({ results }) => mean(results.map(({ success }) => Number(success)))),
    byTask: new Map([...outcomes].filter(([, values]) => values.length === rungs.length)),
  }
}

/** Over the tasks that both have. */
function difference(first: Shares['byTask'], second: Shares['byTask']): ReturnType<typeof differenceOf> {
  const both = [...second.keys()].filter((task) => first.has(task))
  return differenceOf(both.map((task) => first.get(task)!), both.map((task) => second.get(task)!), { seed: BOOTSTRAP_SEED })
}

// What a ladder comes to: the share of tasks that each rung solves, over its seeds, and against the rung that it is compared with.
import type { TaskResult } from '../../shared/records/evaluation.ts'
import { type ArmScore, isSeeded, type LadderSpec } from '../../shared/records/ladder.ts'
import { baselineOf } from './arms.ts'
import { differenceOf, type Grid, shareOf } from './crossed.ts'
import { mean } from './statistics.ts'

/** An evaluation that is over. */
export type RungResults = { readonly arm: string; readonly seed: number; readonly tasks: string; readonly results: readonly TaskResult[] }

/** Of every draw of tasks: the same intervals each time. */
const BOOTSTRAP_SEED = 20_261_122

/** By arm and set of tasks, in the order of the ladder; those without any evaluation are left out. */
export function scoresOf(spec: LadderSpec, rungs: readonly RungResults[]): ArmScore[] {
  const baseline = baselineOf(spec)
  const seeded = new Set(spec.arms.filter(isSeeded).map(({ name }) => name))
  return spec.tasks.flatMap(({ name: tasks }) => {
    const shares = new Map(spec.arms.map(({ name }) => [name, sharesOf(rungs.filter((rung) => rung.arm === name && rung.tasks === tasks))]))
    return spec.arms.flatMap(({ name: arm }): ArmScore[] => {
      const own = shares.get(arm)!
      const success = shareOf(gridOf(own, [...own.keys()], tasksOf(own)), { seed: BOOTSTRAP_SEED })
      if (success === null) return []
      const against = baseline === null || baseline === arm ? null : { arm: baseline, first: shares.get(baseline)!, paired: seeded.has(arm) && seeded.has(baseline) }
      return [{ arm, tasks, seeds: own.size, success, bySeed: [...own.values()].map((outcomes) => mean([...outcomes.values()])), difference: against && difference(own, against) }]
    })
  })
}

/** By seed, in their order whatever that of the rungs: what came of each task. */
type Shares = ReadonlyMap<number, ReadonlyMap<string, number>>

const sharesOf = (rungs: readonly RungResults[]): Shares =>
  new Map(
    rungs
      .filter(({ results }) => results.length > 0)
      .sort((a, b) => a.seed - b.seed)
      .map(({ seed, results }) => [seed, new Map(results.map(({ task, success }) => [task.id, Number(success)]))]),
  )

/** Tasks that all these seeds have done. */
function tasksOf(shares: Shares): string[] {
  const [first, ...others] = [...shares.values()]
  return [...(first?.keys() ?? [])].filter((task) => others.every((outcomes) => outcomes.has(task)))
}

const gridOf = (shares: Shares, seeds: readonly number[], tasks: readonly string[]): Grid => tasks.map((task) => seeds.map((seed) => shares.get(seed)!.get(task)!))

const only = (shares: Shares, seeds: readonly number[]): Shares => new Map([...shares].filter(([seed]) => seeds.includes(seed)))

type Against = { readonly arm: string; readonly first: Shares; readonly paired: boolean }

/**
 * Over the tasks that both have. A seed decides the data, the order and the draws of both arms, so that what they come to with it is a
 * pair: where both have seeds in common the difference is over these alone, drawn together, and the others (of which one arm failed, or
 * is not done) are left out of it. Where they have none in common, or one arm is the same with each seed (`paired` is false), each
 * counts with all of its own, drawn apart.
 */
function difference(second: Shares, { arm, first, paired }: Against): ArmScore['difference'] {
  const common = paired ? [...second.keys()].filter((seed) => first.has(seed)) : []
  const [before, after] = common.length > 0 ? [only(first, common), only(second, common)] : [first, second]
  const there = new Set(tasksOf(before))
  const tasks = tasksOf(after).filter((task) => there.has(task))
  const [one, two] = [before, after].map((shares) => gridOf(shares, [...shares.keys()], tasks))
  const interval = differenceOf(one!, two!, { seed: BOOTSTRAP_SEED, seeds: common.length > 0 ? 'paired' : 'apart' })
  const all = common.length === first.size && common.length === second.size
  return interval && { against: arm, interval, ...(common.length > 0 && !all ? { seeds: common } : {}) }
}

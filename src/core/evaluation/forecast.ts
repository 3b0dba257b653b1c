// How long a ladder may take before any of its rungs is done: by what the same student took before, as a range, and of what nothing is known.
import type { LadderForecast } from '../../shared/contract/evaluating.ts'
import { armTitle, isSeeded, type LadderArm, type LadderSpec } from '../../shared/records/ladder.ts'
import type { Prompting } from '../../shared/records/evaluation.ts'

/** What was measured of this student. */
export type Measured = {
  /** Of each training: seconds for a token of its data and pass, at what a plain run's settings cost. */
  readonly trainings: readonly number[]
  /** Of each evaluation on this suite: seconds a task, how it was asked, samples of each step (1: no vote), and whether it had an adapter. */
  readonly evaluations: readonly { readonly prompting: Prompting; readonly samples: number; readonly adapted: boolean; readonly seconds: number }[]
  /** Of each rung of an earlier ladder on this suite: seconds beside training and tasks (making its data, reading the model, weighing thoughts). */
  readonly besides: readonly (Beside & { readonly tokens: number | null; readonly seconds: number })[]
}

/** What is done in a rung beside training and tasks goes by these. */
type Beside = { readonly trained: boolean; readonly weighed: boolean }

export type ForecastInput = {
  /** With its settings in full. */
  readonly spec: LadderSpec
  /** What a token costs with these settings, 1 for a plain run. */
  readonly cost: (settings: LadderSpec['settings']) => number
  readonly measured: Measured
}

type Range = { readonly low: number; readonly high: number }

const NOTHING: Range = { low: 0, high: 0 }
const added = (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high })
const times = ({ low, high }: Range, factor: number): Range => ({ low: low * factor, high: high * factor })
/** From the least to the most; null of none. */
const rangeOf = (values: readonly number[]): Range | null => (values.length === 0 ? null : { low: Math.min(...values), high: Math.max(...values) })

/** null where nothing was measured by which even one rung could be told. What a teacher that is a model takes is in none of it. */
export function forecastOf({ spec, cost, measured }: ForecastInput): LadderForecast | null {
  const unknown: string[] = []
  let [all, rungs] = [NOTHING, 0]
  for (const arm of spec.arms) {
    if (arm.notApplicable !== undefined) continue
    const seeds = isSeeded(arm) ? spec.seeds : spec.seeds.slice(0, 1)
    const each = seeds.map((_, index) => rungOf(arm, { spec, cost, measured, weighed: weighs(arm) && index === 0 }))
    if (each.includes(null)) unknown.push(armTitle(arm))
    for (const rung of each) {
      if (rung === null) continue
      all = added(all, rung)
      rungs += 1
    }
  }
  if (rungs === 0) return null
  return { ...all, rungs, unknown, basis: { trainings: measured.trainings.length, evaluations: measured.evaluations.length }, teaching: spec.teacher !== null }
}

/** Thoughts are weighed behind trained agents. */
const weighs = ({ train, prompting }: LadderArm): boolean => train !== null && prompting === 'agent'

type RungInput = ForecastInput & { readonly weighed: boolean }

function rungOf(arm: LadderArm, { spec, cost, measured, weighed }: RungInput): Range | null {
  const aTask = taskRange(arm, measured.evaluations)
  const training = arm.train === null ? NOTHING : trainingOf(arm.train, { spec, cost, measured })
  if (aTask === null || training === null) return null
  const tasks = spec.tasks.reduce((sum, { choice }) => sum + choice.count, 0)
  const beside = besideOf(arm, { spec, measured, weighed }) ?? (weighed ? { low: 0, high: spec.tasks[0]!.choice.count * aTask.high } : NOTHING)
  return added(added(training, times(aTask, tasks)), beside)
}

function trainingOf({ data, settings, plan }: NonNullable<LadderArm['train']>, { spec, cost, measured }: ForecastInput): Range | null {
  const range = rangeOf(measured.trainings)
  const all = { ...spec.settings, ...settings }
  const passes = plan ? plan.stages.reduce((sum, { length }) => sum + (length.unit === 'passes' ? length.passes : 1), 0) : (all.epochs ?? 1)
  return range && times(range, (data.tokens ?? spec.tokens) * passes * cost(all))
}

/** As it is asked: by those asked alike, with an adapter or without as it will be, where there are any. More samples cost more, but at most in proportion. */
function taskRange({ prompting, train, like, sag }: LadderArm, evaluations: Measured['evaluations']): Range | null {
  const samples = sag?.samples ?? 1
  const nearest = [
    (one: Measured['evaluations'][number]) => one.adapted === (train !== null || like !== undefined) && one.samples === samples,
    (one: Measured['evaluations'][number]) => one.samples === samples,
    () => true,
  ]
  const asked = evaluations.filter((one) => one.prompting === prompting)
  const near = nearest.map((fits) => asked.filter(fits)).find((rows) => rows.length > 0) ?? []
  return rangeOf(near.flatMap(({ samples: before, seconds }) => [seconds, (seconds * samples) / before]))
}

/** Making data goes with its tokens: between as much as before, and in proportion. */
function besideOf({ train }: LadderArm, { spec, measured, weighed }: Pick<RungInput, 'spec' | 'measured' | 'weighed'>): Range | null {
  const alike = measured.besides.filter((one) => one.trained === (train !== null) && one.weighed === weighed)
  const wanted = train === null ? null : (train.data.tokens ?? spec.tokens)
  return rangeOf(alike.flatMap(({ seconds, tokens }) => (tokens === null || wanted === null ? [seconds] : [seconds, (seconds * wanted) / tokens])))
}

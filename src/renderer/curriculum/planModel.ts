// Edits of a plan: each yields another plan and leaves the given one as it was.
import { PLAN_VERSION, planSchema, stageSchema, type Plan, type ShareRange, type Stage, type StageFilter } from '../../shared/records/plan.ts'

export type Edge = 'from' | 'to'
type FilterKey = keyof StageFilter

/** No name of a stage is longer. */
const LONGEST_NAME = 60

/** A plan with one stage that takes everything. */
export const plainPlan = (name: string, stage: string): Plan => planSchema.parse({ version: PLAN_VERSION, name, stages: [{ name: stage }] })

const withStages = (plan: Plan, stages: readonly Stage[]): Plan => ({ ...plan, stages: [...stages] })

export const changeStage = (plan: Plan, at: number, change: Partial<Stage>): Plan =>
  withStages(plan, plan.stages.map((stage, index) => (index === at ? { ...stage, ...change } : stage)))

/** `name`, or the first of `name 2`, `name 3` ... that no stage has. */
function freeName(stages: readonly Stage[], name: string): string {
  for (let number = 1; ; number++) {
    const tail = number === 1 ? '' : ` ${number}`
    const tried = `${name.slice(0, LONGEST_NAME - tail.length)}${tail}`
    if (!stages.some((stage) => stage.name === tried)) return tried
  }
}

/** Behind the others; it takes everything. */
export const addStage = (plan: Plan, name: string): Plan => withStages(plan, [...plan.stages, stageSchema.parse({ name: freeName(plan.stages, name) })])

/** Behind the one that it is a copy of. */
export const duplicateStage = (plan: Plan, at: number): Plan =>
  withStages(plan, plan.stages.flatMap((stage, index) => (index === at ? [stage, { ...structuredClone(stage), name: freeName(plan.stages, stage.name) }] : [stage])))

/** The last one stays: a plan has a stage. */
export const removeStage = (plan: Plan, at: number): Plan => (plan.stages.length === 1 ? plan : withStages(plan, plan.stages.filter((_, index) => index !== at)))

/** To the place `to`; the others keep their order. */
export function moveStage(plan: Plan, from: number, to: number): Plan {
  const stage = plan.stages[from]
  if (!stage || to < 0 || to >= plan.stages.length || from === to) return plan
  return withStages(plan, plan.stages.filter((_, index) => index !== from).toSpliced(to, 0, stage))
}

/** Where the stage that was at `at` is after `moveStage`. */
export function placeAfterMove(at: number, { from, to }: { from: number; to: number }): number {
  if (at === from) return to
  if (from < at && at <= to) return at - 1
  return to <= at && at < from ? at + 1 : at
}

/** Undefined, or a list without an item, takes the key away: it then lets all through. */
export function changeFilter<Key extends FilterKey>(filter: StageFilter, key: Key, value: StageFilter[Key] | undefined): StageFilter {
  const { [key]: _, ...others } = filter
  return value === undefined || (Array.isArray(value) && value.length === 0) ? others : { ...others, [key]: value }
}

const WHOLE: ShareRange = { from: 0, to: 1 }
/** By rank of complexity. */
export const rangeOf = (stage: Stage): ShareRange => stage.filter.complexity ?? WHOLE
/** A stage is at least as wide. */
const LEAST = 0.01
const hundredth = (share: number): number => Math.round(share * 100) / 100

/** A whole range is no filter. */
export const withRange = (stage: Stage, { from, to }: ShareRange): Stage => ({
  ...stage,
  filter: changeFilter(stage.filter, 'complexity', from === 0 && to === 1 ? undefined : { from, to }),
})

/**
 * An end of a stage's range is moved to a share of the ranks, in hundredths. Where another stage begins at the place where
 * this one ended, or ended where it began, that end goes along, as far as both stay at least a hundredth wide.
 */
export function moveBorder(plan: Plan, { stage: at, edge, share }: { stage: number; edge: Edge; share: number }): Plan {
  const own = plan.stages[at]
  if (!own) return plan
  const before = rangeOf(own)[edge]
  const other: Edge = edge === 'from' ? 'to' : 'from'
  const along = plan.stages.flatMap((stage, index) => (index !== at && rangeOf(stage)[other] === before ? [index] : []))
  const limits = (range: ShareRange, end: Edge): [number, number] => (end === 'from' ? [0, range.to - LEAST] : [range.from + LEAST, 1])
  const bounds = [limits(rangeOf(own), edge), ...along.map((index) => limits(rangeOf(plan.stages[index]!), other))]
  const least = Math.max(...bounds.map(([low]) => low))
  const most = Math.min(...bounds.map(([, high]) => high))
  if (least > most) return plan
  const place = hundredth(Math.min(most, Math.max(least, share)))
  if (place === before) return plan
  return withStages(
    plan,
    plan.stages.map((stage, index) =>
      index === at ? withRange(stage, { ...rangeOf(stage), [edge]: place }) : along.includes(index) ? withRange(stage, { ...rangeOf(stage), [other]: place }) : stage,
    ),
  )
}

export const samePlan = (a: Plan | null, b: Plan | null): boolean => JSON.stringify(a) === JSON.stringify(b)

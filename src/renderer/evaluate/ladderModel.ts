// A ladder as the rows of its table: an arm, what its seeds came to, and what it was trained on.
import { errorInLine, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { type ArmScore, armTitle, type Ladder, type Rung, titleOfArm } from '../../shared/records/ladder.ts'

export type RungRow = {
  readonly arm: string
  readonly title: string
  /** Why it is not run; null: it is. */
  readonly notApplicable: string | null
  /** Of the seed that is least far. */
  readonly state: Rung['state']
  /** Seeds that are done, and all of them. */
  readonly seeds: { readonly done: number; readonly all: number }
  /** By name of the set of tasks. */
  readonly scores: Readonly<Record<string, ArmScore>>
  /** Evaluations by name of the set of tasks, one for each seed that has begun. */
  readonly evaluations: Readonly<Record<string, readonly { readonly seed: number; readonly id: string; readonly share: number | null }[]>>
  /** Title of the rung whose student it asks; null: a student of its own, or none that is trained. */
  readonly like: string | null
  /** Of its first seed that is trained. */
  readonly trained: Rung['trained']
  /** What a teacher that is a model did for it: the same for all seeds. */
  readonly taught: Rung['taught']
  readonly errors: readonly { readonly seed: number; readonly error: string }[]
}

const FARNESS: readonly Rung['state'][] = ['failed', 'waiting', 'teaching', 'training', 'evaluating', 'done', 'not-applicable']

/** In the order of the ladder. */
export function rungRows({ spec, rungs, scores }: Ladder): RungRow[] {
  return spec.arms.map((arm) => {
    const { name, notApplicable, like } = arm
    const own = rungs.filter((rung) => rung.arm === name)
    const errors = own.flatMap(({ seed, error }) => (error ? [{ seed, error: errorInLine(new RetortError(error as RetortErrorParts)) }] : []))
    return {
      arm: name,
      title: armTitle(arm),
      notApplicable: notApplicable ?? null,
      state: FARNESS.find((state) => own.some((rung) => rung.state === state)) ?? 'waiting',
      seeds: { done: own.filter(({ state }) => state === 'done').length, all: own.length },
      scores: Object.fromEntries(scores.filter((score) => score.arm === name).map((score) => [score.tasks, score])),
      evaluations: Object.fromEntries(spec.tasks.map(({ name: tasks }) => [tasks, own.flatMap(({ seed, evaluations }) => evaluations.filter((one) => one.tasks === tasks).map(({ id, summary }) => ({ seed, id, share: summary.success?.value ?? null })))])),
      like: like === undefined ? null : titleOfArm(spec, like),
      trained: own.find(({ trained }) => trained !== null)?.trained ?? null,
      taught: own.find(({ taught }) => taught !== null)?.taught ?? null,
      errors,
    }
  })
}

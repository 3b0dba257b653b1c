// A ladder as the rows of its table: an arm, what its seeds came to, and what it was trained on.
import type { RetortErrorParts } from '../../shared/errors.ts'
import { type ArmScore, armTitle, type Ladder, type LadderArm, type LadderTeacher, type MakingChange, type Rung, titleOfArm } from '../../shared/records/ladder.ts'
import { countText } from '../components/numbers.ts'
import type { Texts } from '../i18n/index.ts'
import { fileName, shortPaths } from '../components/paths.ts'
import { type ShortRung, shortArms, shortRungs } from '../../shared/shortRungs.ts'
import { raisedBudget, type Spending } from '../teacher/teachingModel.ts'

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
  /** Its rungs that were trained on fewer tokens than they were to be. */
  readonly short: readonly ShortRung[]
  /** Sets of tasks whose difference is not one of the same tokens: its own training was short, or that of the rung it is against. */
  readonly unequal: ReadonlySet<string>
  /** What a teacher that is a model did for it: the same for all seeds. */
  readonly taught: Rung['taught']
  /** In a line with the names of files alone, and whole. */
  readonly errors: readonly { readonly seed: number; readonly error: string; readonly whole: RetortErrorParts }[]
}

const FARNESS: readonly Rung['state'][] = ['failed', 'waiting', 'teaching', 'training', 'evaluating', 'done', 'not-applicable']

/** In the order of the ladder. */
export function rungRows({ spec, rungs, scores }: Ladder): RungRow[] {
  const [short, shorts] = [shortRungs({ spec, rungs }), shortArms({ spec, rungs })]
  return spec.arms.map((arm) => {
    const { name, notApplicable, like } = arm
    const own = rungs.filter((rung) => rung.arm === name)
    const errors = own.flatMap(({ seed, error }) => (error ? [{ seed, error: shortPaths([error.message, error.found].filter(Boolean).join(': ')), whole: error }] : []))
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
      short: short.filter((rung) => rung.arm === name),
      unequal: new Set(scores.flatMap((score) => (score.arm === name && score.difference && (shorts.has(name) || shorts.has(score.difference.against)) ? [score.tasks] : []))),
      taught: own.find(({ taught }) => taught !== null)?.taught ?? null,
      errors,
    }
  })
}

/** Of those that apply. */
export function rungsDone({ rungs }: Pick<Ladder, 'rungs'>): { readonly done: number; readonly of: number } {
  const real = rungs.filter(({ state }) => state !== 'not-applicable')
  return { done: real.filter(({ state }) => state === 'done').length, of: real.length }
}

type Wording = { readonly t: (key: string, values: Record<string, unknown>, count?: number) => string; readonly setText: (name: string) => string }

/** What all its rungs have in common, in one line: tokens, the sets of tasks, who teaches, and the version where one has done it all. */
export function ladderFacts({ spec, versions = [] }: Pick<Ladder, 'spec' | 'versions'>, { t, setText }: Wording): string {
  const sets = spec.tasks.map(({ name, choice }) => {
    const of = { set: setText(name), n: countText(choice.count) }
    return choice.from === 'suite' ? t('evaluate.ladderFacts.set', { ...of, seed: choice.seed }) : t('evaluate.ladderFacts.file', { ...of, file: fileName(choice.path) })
  })
  const teacher = spec.teacher === null ? t('evaluate.ladderFacts.expert', {}) : t('evaluate.ladderFacts.teacher', { name: nameOfTeacher(spec.teacher) })
  return [t('evaluate.ladderFacts.tokens', { n: countText(spec.tokens) }), ...sets, teacher, ...(versions.length === 1 ? [t('evaluate.ladderFacts.version', { version: versions[0] })] : [])].join(' · ')
}

type Words = { readonly text: Texts; readonly t: Wording['t'] }

/** The expert has changed since this ladder began. */
export function changedText({ parts, version, before, thoughts = false }: MakingChange, { text, t }: Words): string {
  const { changed } = text.evaluate
  return t(thoughts ? 'evaluate.changed.thoughts' : 'evaluate.changed.text', { parts: parts.map((part) => changed.parts[part]).join(changed.and), version, before: before.join(', ') })
}

/** Those that worked at it, in their order: 0.1.0, then 0.2.0. */
export const versionsText = (versions: readonly string[], then: string): string => versions.join(`, ${then} `)

function nameOfTeacher({ teacher }: LadderTeacher): string {
  switch (teacher.type) {
    case 'expert':
      return ''
    case 'endpoint':
      return `${teacher.name}: ${teacher.model}`
    case 'local':
      return fileName(teacher.path)
  }
}

/** Of the budget that all its rungs share; null: a script teaches. Rungs that train on the same data paid for it once. */
export function spendingOf({ spec, rungs }: Pick<Ladder, 'spec' | 'rungs'>): Spending | null {
  if (spec.teacher === null) return null
  const { teacher, prices, budget } = spec.teacher
  const batches = [...new Map(rungs.flatMap(({ taught }) => (taught ? [[taught.batch, taught.usage] as const] : []))).values()]
  const sum = (of: (usage: (typeof batches)[number]) => number): number => batches.reduce((all, one) => all + of(one), 0)
  const usage = { cost: prices === null ? null : sum(({ cost }) => cost ?? 0), promptTokens: sum(({ promptTokens }) => promptTokens), tokens: sum(({ tokens }) => tokens) }
  const reached = rungs.some(({ error }) => error?.code === 'budget-reached')
  const made = (of: readonly LadderArm[]): number => new Set(of.map(({ train }) => JSON.stringify(train!.data))).size
  const taught = spec.arms.filter(({ train, notApplicable }) => train !== null && train.data.file === undefined && notApplicable === undefined)
  const done = taught.filter(({ name }) => rungs.some(({ arm, trained }) => arm === name && trained !== null))
  return { teacher: teacher.type, prices, budget, usage, reached, proposed: reached ? raisedBudget(budget, usage, { done: made(done), total: made(taught) }) : budget }
}

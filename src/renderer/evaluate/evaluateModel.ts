// What is shown of evaluations: names, sorted tasks, episodes as turns, and the wish that a form comes to.
import type { Evaluation, Interval, Solver, TaskResult } from '../../shared/records/evaluation.ts'
import { type Ladder, titleOfArm } from '../../shared/records/ladder.ts'
import type { EvaluationWish, SuiteInfo } from '../../shared/contract/evaluating.ts'
import type { AdapterFile, Model } from '../../shared/contract/routes/models.ts'
import { percentText } from '../components/numbers.ts'
import { baseName, fileName } from '../components/paths.ts'

/** 45 % (31 to 60) */
export const intervalText = ({ value, low, high }: Interval): string => `${percentText(value)} (${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)})`

/** With its sign, in points: +12 (-3 to 27). */
export function pointsText({ value, low, high }: Interval): string {
  const signed = (share: number): string => {
    const text = (100 * share).toFixed(0)
    return Number(text) === 0 ? '0' : `${share > 0 ? '+' : ''}${text}`
  }
  return `${signed(value)} (${signed(low)} to ${signed(high)})`
}

/** Whether an interval of a difference leaves zero on one side. */
export const differs = ({ low, high }: Interval): boolean => low > 0 || high < 0

/** Who a choice of the form is: a student with or without an adapter, an endpoint's model, the expert. */
export type SolverChoice = { readonly value: string; readonly label: string; readonly description: string; readonly solver: Solver }

/** An adapter's name: its run where it is one, else its file. */
const nameOfAdapter = ({ path, run }: Pick<AdapterFile, 'path' | 'run'>): string => run ?? baseName(path)

/**
 * Students first, each followed by the adapters of this project that were made for it; then the suite's expert. A student that
 * cannot be read, or has no chat template, is none.
 */
export function solverChoices(models: readonly Model[], adapters: readonly AdapterFile[], words: { readonly plain: string; readonly expert: string; readonly expertHint: string }): SolverChoice[] {
  const students = models.filter(({ broken, chatTemplate }) => broken === null && chatTemplate)
  const usable = adapters.filter(({ broken }) => broken === null)
  const locals = students.flatMap((model) => {
    const name = fileName(model.path)
    const plain: SolverChoice = { value: model.path, label: name, description: words.plain, solver: { type: 'local', student: model.path, adapter: null } }
    const fitting = usable.filter(({ architecture }) => architecture === null || architecture === model.architecture)
    const adapted = fitting.map((adapter): SolverChoice => ({
      value: `${model.path}\n${adapter.path}`,
      label: `${name} + ${nameOfAdapter(adapter)}`,
      description: adapter.path,
      solver: { type: 'local', student: model.path, adapter: { path: adapter.path, scale: 1, run: adapter.run } },
    }))
    return [plain, ...adapted]
  })
  return [...locals, { value: 'expert', label: words.expert, description: words.expertHint, solver: { type: 'expert' } }]
}

/** What the form holds. */
export type EvaluationDraft = {
  readonly suite: SuiteInfo['name']
  readonly split: 'train' | 'held-out' | 'ood'
  /** Kinds of tasks; empty: all. */
  readonly families: readonly string[]
  readonly tasks: number
  readonly seed: number
  readonly prompting: 'agent' | 'cot' | 'cot+retrieval'
  readonly example: boolean
  /** Samples of each step; 1: no vote. */
  readonly samples: number
}

export const DRAFT: EvaluationDraft = { suite: 'arith', split: 'held-out', families: [], tasks: 40, seed: 1, prompting: 'agent', example: false, samples: 1 }

/** How many kinds of tasks are worked at; `ood`: so many besides, where those are worked at, too, as by a ladder. */
export const kindsCount = (suite: Pick<SuiteInfo, 'families'>, { kind, split }: { readonly kind: 'evaluations' | 'ladders'; readonly split: EvaluationDraft['split'] }): { readonly n: number; readonly ood: number | null } =>
  kind === 'ladders' ? { n: suite.families.train.length, ood: suite.families.ood.length } : { n: kindsOf(suite, split).length, ood: null }

/** The kinds that a split has: those of training are held out, too. */
export const kindsOf = ({ families }: Pick<SuiteInfo, 'families'>, split: EvaluationDraft['split']): readonly string[] => (split === 'ood' ? families.ood : families.train)

/** A chain of thought has no steps to vote on. */
export const wishOf = ({ samples, families, ...draft }: EvaluationDraft, solver: Solver): EvaluationWish => ({
  ...draft,
  ...(families.length > 0 && { families: [...families] }),
  solver,
  sag: samples > 1 && draft.prompting === 'agent' ? { samples } : null,
})

export const TASK_ORDERS = ['number', 'failures', 'steps'] as const
export type TaskOrder = (typeof TASK_ORDERS)[number]

export function sortTasks(tasks: readonly TaskResult[], order: TaskOrder): TaskResult[] {
  const numbered = tasks.map((task, index) => ({ task, index }))
  const by = { number: () => 0, failures: ({ success }: TaskResult) => Number(success), steps: ({ steps }: TaskResult) => -steps }[order]
  return numbered.sort((a, b) => by(a.task) - by(b.task) || a.index - b.index).map(({ task }) => task)
}

/** `common`: how many tasks both have a result of, at most. */
export type Comparable = { readonly evaluation: Evaluation; readonly common: number }

/** Evaluations on the very same tasks that a pair can be made of: those with most tasks in common first, then the newest. */
export function comparable(one: Evaluation, all: readonly Evaluation[]): Comparable[] {
  const tasks = JSON.stringify([one.spec.suite, withoutCount(one.spec.tasks)])
  return all
    .filter((other) => other.id !== one.id && other.state !== 'failed' && other.state !== 'running' && JSON.stringify([other.spec.suite, withoutCount(other.spec.tasks)]) === tasks)
    .map((evaluation) => ({ evaluation, common: Math.min(one.summary.tasks, evaluation.summary.tasks) }))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || b.evaluation.createdAt.localeCompare(a.evaluation.createdAt))
}

const withoutCount = ({ count: _, ...choice }: Evaluation['spec']['tasks']): object => choice

/** Of an evaluation of a ladder its rung and seed: students of rungs have names that are all alike. null: of none. */
export function rungOf({ ladder }: Pick<Evaluation, 'ladder'>, ladders: readonly Ladder[]): { readonly title: string; readonly seed: number } | null {
  if (!ladder) return null
  return { title: titleOfArm(ladders.find(({ id }) => id === ladder.id)?.spec ?? { arms: [] }, ladder.arm), seed: ladder.seed }
}

/** `solved`, `failed`, or without a result: its model failed. */
export const verdictOf = ({ success, end }: Pick<TaskResult, 'success' | 'end'>): 'yes' | 'no' | 'noResult' => (end === 'model-failed' ? 'noResult' : success ? 'yes' : 'no')

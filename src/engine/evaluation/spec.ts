// What is asked for, made whole: an evaluation's settings with what its suite says, and its tasks.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { repeatsLimit } from '../../core/agent/index.ts'
import { ladderArms, promptingsOf, requirePrompting } from '../../core/evaluation/index.ts'
import { drawProblems, ofFamilies, type Problem, requireFamilies, requireStyle, requireTasks, type Suite, suiteNamed, SUITES } from '../../core/suites/index.ts'
import { type EvaluationWish, evaluationWishSchema, type LadderWish, ladderWishSchema, type SuiteInfo } from '../../shared/contract/evaluating.ts'
import { RetortError } from '../../shared/errors.ts'
import type { AgentLimits } from '../../shared/records/episode.ts'
import type { EvaluationSpec, Prompting, Solver, TaskChoice } from '../../shared/records/evaluation.ts'
import type { LadderSpec, LadderTeacher } from '../../shared/records/ladder.ts'
import type { FirstThought } from '../../shared/records/rollout.ts'
import type { SuiteName } from '../../shared/records/suite.ts'
import { sha256File } from '../files/index.ts'
import { datasetProblems } from '../suites/index.ts'
import { type BatchRequest, keptTeacher, requirePrices, trafficOf } from '../teaching/index.ts'

/** An hour: a task waits for its neighbours, and what is measured is what the student can do. */
const LIMITS: Omit<AgentLimits, 'steps' | 'turnTokens' | 'turnCharacters'> = { seconds: 3600, calls: 8, callSeconds: 20, observationCharacters: 4000 }
const CHARACTERS_PER_TOKEN = 16
const CONTEXT = 4096
/** A chain of thought is one long turn. */
const COT_TOKENS = 512

/** Throws RetortError `no-suite`, `no-such-prompting`, `no-such-style`, `no-family`, `no-such-task`, `not-usable` (a student or adapter that is no GGUF file), and what a file of tasks is refused with. */
export async function specOf(wish: EvaluationWish, more: { readonly context?: number | undefined; readonly seed?: number | undefined } = {}): Promise<EvaluationSpec> {
  const given = evaluationWishSchema.parse(wish)
  const suite = suiteNamed(given.suite)
  const { prompting } = given
  requirePrompting({ suite, prompting })
  requireStyle(suite, given.style)
  requireUsable(given.solver)
  const limits = evaluationLimits(given.suite, prompting, given)
  return {
    suite: given.suite,
    tasks: await choiceOf(given, suite),
    solver: given.solver,
    prompting,
    style: given.style ?? suite.style,
    example: given.example,
    system: given.system ?? null,
    sag: given.sag,
    sampling: { temperature: 0, topP: 1, seed: more.seed ?? 0 },
    limits: { ...limits, steps: given.steps ?? limits.steps },
    context: more.context ?? CONTEXT,
  }
}

const MAGIC = 'GGUF'

/** What cannot be opened is told before anything is made of it, and by what it was to be. */
function requireUsable(solver: Solver): void {
  if (solver.type !== 'local') return
  const { student, adapter } = solver
  for (const [what, path] of [['student', student], ...(adapter ? [['adapter', adapter.path]] : [])] as const) {
    const found = beginningOf(path)
    if (found !== MAGIC) throw new RetortError({ code: 'not-usable', message: `the ${what} cannot be used`, where: path, found: found === null ? 'no such file' : `no GGUF file: it begins with ${JSON.stringify(found)}`, expected: what === 'student' ? 'a model as a GGUF file' : 'a LoRA adapter as a GGUF file' })
  }
}

/** null: there is no such file. */
function beginningOf(path: string): string | null {
  if (!existsSync(path) || !statSync(path).isFile()) return null
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(MAGIC.length)
    return bytes.subarray(0, readSync(file, bytes)).toString('latin1')
  } finally {
    closeSync(file)
  }
}

/** The suite's own, where `wanted` names no other tokens of a turn; `repeats` 0: no such limit. */
export function evaluationLimits(name: SuiteName, prompting: Prompting, wanted: { readonly turnTokens?: number | undefined; readonly repeats?: number | undefined } = {}): AgentLimits {
  const { steps, turnTokens: own } = suiteNamed(name).limits
  const turnTokens = wanted.turnTokens ?? (prompting === 'agent' ? own : Math.max(COT_TOKENS, own))
  return { ...LIMITS, ...repeatsLimit(wanted.repeats), steps, turnTokens, turnCharacters: turnTokens * CHARACTERS_PER_TOKEN }
}

type TasksWish = { tasksFile?: string | undefined; tasks: number; split: 'train' | 'held-out' | 'ood'; seed: number; families?: readonly string[] | undefined }

async function choiceOf({ tasksFile, tasks, split, seed, families }: TasksWish, suite: Suite): Promise<TaskChoice> {
  if (tasksFile === undefined) {
    requireFamilies(suite, { split, families })
    requireTasks(suite, { split, count: tasks })
    return { from: 'suite', split, seed, count: tasks, ...(families ? { families: [...families] } : {}) }
  }
  if (families) throw new RetortError({ code: 'no-family', message: 'tasks of a file are of no family', where: tasksFile, found: families.join(', '), expected: 'a file, or families of a split' })
  // Refused now, where it cannot be read.
  datasetProblems(tasksFile, suite)
  return { from: 'file', path: tasksFile, sha256: await sha256File(tasksFile), count: tasks }
}

/** In their order. Throws RetortError `tasks-changed` for a file that is another one now, `no-tasks` where there are none. */
export async function problemsOf(suite: Suite, choice: TaskChoice): Promise<Problem[]> {
  if (choice.from === 'suite') {
    // Its `from` says where tasks come from; that of a draw is a place.
    const { split, seed, count, families } = choice
    return some([...drawProblems(suite, { split, seed, count, ...ofFamilies(families) })], suite.name)
  }
  const { path, sha256, count } = choice
  const found = await sha256File(path)
  if (found !== sha256) throw new RetortError({ code: 'tasks-changed', message: 'the file of tasks is another one now', where: path, found: found.slice(0, 12), expected: sha256.slice(0, 12), advice: 'begin a new evaluation' })
  return some(datasetProblems(path, suite).slice(0, count), path)
}

function some(problems: Problem[], where: string): Problem[] {
  if (problems.length > 0) return problems
  throw new RetortError({ code: 'no-tasks', message: 'there are no tasks to work at', where, found: 'none', expected: 'at least one' })
}

function rungsOf(suite: Suite): SuiteInfo['rungs'] {
  const applying = (firstThought: FirstThought | null) => ladderArms(suite, { samples: 2, firstThought }).filter(({ notApplicable }) => notApplicable === undefined)
  const scripted = new Set(applying(null).map(({ name }) => name))
  return applying('all').map(({ name, title }) => ({ name, title, byModel: !scripted.has(name) }))
}

export const suiteInfos = (): SuiteInfo[] =>
  SUITES.map((suite) => {
    const { name, title, summary, families, style, styles, limits } = suite
    return { name, title, summary, families: { train: [...families.train], ood: [...families.ood] }, style, styles: [...styles], steps: limits.steps, prompting: promptingsOf(suite), rungs: rungsOf(suite) }
  })

const LADDER_CONTEXT = 2048

/** Who teaches a ladder, with its key; what is left open of how it is asked is usual. */
export type LadderTeaching = Pick<BatchRequest, 'teacher' | 'provider' | 'prices' | 'budget' | 'traffic'> & {
  /** Where the rung of first thoughts has them. */
  readonly firstThought: FirstThought
}

export type LadderMore = { readonly system?: string | undefined; readonly context?: number | undefined; readonly teaching?: LadderTeaching | undefined }

/** A ladder of what a page or a command asks for. Throws as `specOf` does; `no-prices`, `no-such-arm`, `named-twice`. */
export async function ladderSpecOf(wish: LadderWish, more: LadderMore = {}): Promise<LadderSpec> {
  const { suite: name, student, arms, seeds, tokens, tasks, taskSeed, splits, settings, sag, repeats, tasksFile, only } = ladderWishSchema.parse(wish)
  const suite = suiteNamed(name)
  for (const [what, names] of Object.entries({ seeds, splits, only })) requireOnce(what, names ?? [])
  const sets = splits ?? (tasksFile === undefined ? (['held-out', 'ood'] as const) : [])
  for (const split of sets) requireTasks(suite, { split, count: tasks })
  const { teaching } = more
  const teacher = teaching && teacherOf(teaching)
  if (teaching && typeof teaching.firstThought !== 'string') requireFamilies(suite, { split: 'train', families: teaching.firstThought })
  const all = arms ?? ladderArms(suite, { samples: sag, firstThought: teacher ? teaching.firstThought : null })
  const wrong = only?.find((one) => !all.some((arm) => arm.name === one))
  if (wrong !== undefined) throw new RetortError({ code: 'no-such-arm', message: 'the ladder has no such rung', found: wrong, expected: all.map((arm) => arm.name).join(', ') })
  return {
    suite: name, student, seeds, tokens, settings, arms: only ? all.filter((arm) => only.includes(arm.name)) : all, style: suite.style,
    tasks: [
      ...sets.map((split) => ({ name: split, choice: { from: 'suite' as const, split, seed: taskSeed, count: tasks } })),
      ...(tasksFile === undefined ? [] : [{ name: 'file', choice: await choiceOf({ tasksFile, tasks, split: 'held-out', seed: taskSeed }, suite) }]),
    ],
    ...(repeats === undefined ? {} : { repeats }), system: more.system ?? null, context: more.context ?? LADDER_CONTEXT, teacher: teacher ?? null,
  }
}

/** What is named twice would be trained and evaluated twice, for the same. */
function requireOnce(what: string, names: readonly (string | number)[]): void {
  if (new Set(names).size === names.length) return
  throw new RetortError({ code: 'named-twice', message: 'a ladder does nothing twice', found: `${what} ${names.join(', ')}`, expected: 'each of them once' })
}

/** As the ladder keeps it: without the key. null: the suite's expert. */
function teacherOf({ prices, budget, traffic, ...who }: LadderTeaching): LadderTeacher | null {
  if (who.teacher.type === 'expert') return null
  requirePrices({ prices, budget })
  return { teacher: keptTeacher(who), prices, budget, traffic: trafficOf(traffic) }
}

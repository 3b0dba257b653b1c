// All tasks that a project's evaluations and ladders ask: what nothing that is trained on may have seen.
import { basename } from 'node:path'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { suiteNamed } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { TaskChoice } from '../../shared/records/evaluation.ts'
import type { SuiteName, TaskSplit } from '../../shared/records/suite.ts'
import { listEvaluations, readEpisodes } from './folder.ts'
import { listLadders } from './ladderFolder.ts'
import { problemsOf } from './spec.ts'

/** `split` null: of a file. */
export type EvaluatedTasks = { readonly name: string; readonly suite: SuiteName; readonly split: TaskSplit | null; readonly questions: readonly string[] }

type Asked = { readonly suite: SuiteName; readonly choice: TaskChoice; /** Evaluations that have worked at it. */ readonly by: readonly string[] }

/** Each choice of tasks once, those of a ladder that has not come to them among them; without those of the training split. Files that are gone or changed count by what was worked at. */
export async function evaluatedTasks(project: string): Promise<EvaluatedTasks[]> {
  const sets: EvaluatedTasks[] = []
  for (const { suite, choice, by } of choicesOf(project)) {
    const { name, split } = described(suite, choice)
    const known = await questionsOf(suite, choice)
    if (known) sets.push({ name, suite, split, questions: known })
    else sets.push({ name: `${name}, another file now: what was worked at`, suite, split, questions: [...new Set(by.flatMap((id) => workedAt(project, id)))] })
  }
  return sets
}

function choicesOf(project: string): Asked[] {
  const all = new Map<string, Asked>()
  const add = (suite: SuiteName, choice: TaskChoice, by: readonly string[]): void => {
    if (choice.from === 'suite' && choice.split === 'train') return
    // The first tasks of a choice are those of a longer one, too.
    const { count, ...place } = choice
    const key = canonicalJson({ suite, place })
    const known = all.get(key)
    const longest = known && known.choice.count > count ? known.choice : choice
    all.set(key, { suite, choice: longest, by: [...(known?.by ?? []), ...by] })
  }
  for (const { id, spec } of listEvaluations(project)) add(spec.suite, spec.tasks, [id])
  for (const { spec } of listLadders(project)) for (const { choice } of spec.tasks) add(spec.suite, choice, [])
  return [...all.values()]
}

function described(suite: SuiteName, choice: TaskChoice): Pick<EvaluatedTasks, 'name' | 'split'> {
  if (choice.from === 'file') return { name: `${suite}, evaluated here: ${basename(choice.path)}`, split: null }
  const { split, seed, families } = choice
  return { name: `${suite} ${split}, evaluated here: seed ${seed}${families ? `, ${families.join(', ')}` : ''}`, split }
}

/** null: the tasks cannot be had any more. */
async function questionsOf(suite: SuiteName, choice: TaskChoice): Promise<string[] | null> {
  try {
    return (await problemsOf(suiteNamed(suite), choice)).map(({ task }) => task.question)
  } catch (error) {
    if (error instanceof RetortError || (error instanceof Error && 'code' in error)) return null
    throw error
  }
}

function workedAt(project: string, id: string): string[] {
  try {
    return readEpisodes(project, id).map(({ result }) => result.task.question)
  } catch (error) {
    if (error instanceof RetortError) return []
    throw error
  }
}

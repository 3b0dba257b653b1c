// Questions of evaluation sets: from files of people, from the suites' held-out and out-of-domain tasks, and from the project's own evaluations.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { EvaluationSet } from '../../core/pipeline/curation/index.ts'
import { drawProblems, type Suite, suiteNamed, SUITES } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { TaskSplit } from '../../shared/records/suite.ts'
import { type EvaluatedTasks, evaluatedTasks } from '../evaluation/index.ts'
import { parsedJson, systemError } from '../files/index.ts'

export type KnownQuestion = { readonly question: string; readonly answer: string | null }

const text = z.string().min(1)
/** Names under which data sets keep their questions. */
const questionSchema = z
  .union([
    z.object({ question: text }).transform(({ question }) => question),
    z.object({ problem: text }).transform(({ problem }) => problem),
    z.object({ prompt: text }).transform(({ prompt }) => prompt),
    z.object({ instruction: text }).transform(({ instruction }) => instruction),
    text,
  ])
const answerSchema = z.object({ answer: z.union([z.string(), z.number()]).transform(String) })
/** `{ "examples": [...] }`, `{ "data": [...] }`, or the list alone. */
const listSchema = z.union([
  z.array(z.unknown()),
  z.object({ examples: z.array(z.unknown()) }).transform(({ examples }) => examples),
  z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data),
])

/** Of a JSON or JSONL file, or a text file with a question a line. Throws RetortError `no-questions`, or what the system refuses. */
export function readQuestions(path: string): KnownQuestion[] {
  const rows = rowsOf(path)
  if (rows.length === 0) throw bad(path, 'no questions')
  return rows.map((row, index) => {
    const question = questionSchema.safeParse(row)
    if (!question.success) throw bad(`${path}, entry ${index + 1}`, JSON.stringify(row)?.slice(0, 80) ?? 'nothing')
    return { question: question.data, answer: answerSchema.safeParse(row).data?.answer ?? null }
  })
}

function rowsOf(path: string): readonly unknown[] {
  const content = read(path)
  if (/\.txt$/i.test(path)) return linesOf(content)
  const whole = parsedJson(content)
  if (whole !== undefined) {
    const list = listSchema.safeParse(whole)
    if (list.success) return list.data
    if (questionSchema.safeParse(whole).success) return [whole]
    throw bad(path, content.trimStart().slice(0, 60))
  }
  return linesOf(content).map((line, index) => {
    const row = parsedJson(line)
    if (row === undefined) throw bad(`${path}, line ${index + 1}`, JSON.stringify(line.slice(0, 60)))
    return row
  })
}

const linesOf = (content: string): string[] => content.split(/\r?\n/).filter((line) => line.trim() !== '')

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

const bad = (where: string, found: string): RetortError =>
  new RetortError({ code: 'no-questions', message: 'these are no questions', where, found, expected: 'JSON (a list, or {"examples": [...]}), or JSONL, of objects with "question"; or .txt, a question a line' })

const QUESTION_FILE = /\.(?:jsonl?|txt)$/i

/** Each file a set; of a folder each of its .json, .jsonl and .txt files. */
export function evaluationFiles(paths: readonly string[]): EvaluationSet[] {
  return paths.flatMap((path) => filesOf(path).map((file) => ({ name: basename(file), questions: readQuestions(file).map(({ question }) => question) })))
}

function filesOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  const names = readdirSync(path).filter((name) => QUESTION_FILE.test(name)).sort()
  if (names.length === 0) throw bad(path, 'a folder without .json, .jsonl or .txt files')
  return names.map((name) => join(path, name))
}

/** The seed that suites are evaluated with where none is named. */
const EVALUATION_SEED = 1

/** The first tasks of each suite that are evaluated on, by split. */
export const suiteSets = (count: number): EvaluationSet[] =>
  count === 0
    ? []
    : SUITES.flatMap((suite) =>
        (['held-out', 'ood'] as const).map((split) => ({
          name: `${suite.name} ${split}`,
          questions: firstQuestions(suite, split, count),
          generated: true,
          ...(suite.likeness ? { likeness: suite.likeness } : {}),
        })),
      ).filter(({ questions }) => questions.length > 0)

const firstQuestions = (suite: Suite, split: TaskSplit, count: number): string[] =>
  [...drawProblems(suite, { split, seed: EVALUATION_SEED, count })].map(({ task }) => task.question)

/** Enough to tell a suite's wording from its questions: an evaluation may have few. */
const STOCK = 200

/** What the project's evaluations and ladders ask, each set of tasks by its seed or its file. */
export async function ownSets(project: string): Promise<EvaluationSet[]> {
  const stocks = new Map<string, string[]>()
  const stockOf = (suite: Suite, split: TaskSplit): string[] => {
    const key = `${suite.name} ${split}`
    const stock = stocks.get(key) ?? firstQuestions(suite, split, STOCK)
    stocks.set(key, stock)
    return stock
  }
  return (await evaluatedTasks(project)).map(({ name, suite: named, split, questions }: EvaluatedTasks) => {
    const suite = suiteNamed(named)
    if (split === null) return { name, questions }
    return { name, questions, generated: true, ...(suite.likeness ? { likeness: suite.likeness } : { stock: stockOf(suite, split) }) }
  })
}

// Problems from files of data sets: GSM-hard, MATH, HotpotQA, Bamboogle, or a list of questions and answers, worked with a suite's tools.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Article, type Problem, type SameAnswer, sameMath, sameNumber, sameWords, type Suite } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { parsedJson, systemError } from '../files/index.ts'

const exampleSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional(),
  question: z.string().min(1),
  answer: z.union([z.string(), z.number()]).transform(String),
  dataset_name: z.string().optional(),
  /** HotpotQA's own form: the paragraphs that come with a question, as titles with sentences. */
  context: z.array(z.tuple([z.string(), z.array(z.string())])).optional(),
})
type Example = z.infer<typeof exampleSchema>

/** `{ "examples": [...] }`, or the list alone. */
const listSchema = z.union([z.array(z.unknown()), z.object({ examples: z.array(z.unknown()) }).transform(({ examples }) => examples)])

/** How a data set's answers are compared, by its name. */
const COUNTED: readonly (readonly [RegExp, SameAnswer])[] = [
  [/gsm/i, sameNumber],
  [/math/i, sameMath],
  [/hotpot|bamboogle/i, sameWords],
]

/**
 * The questions of a JSON or JSONL file as problems for the suite's tools; data sets that are known are counted as their papers
 * do, others as the suite counts. Throws RetortError `no-foreign-tasks` (the suite takes none), `bad-tasks` (with the place in
 * the file), or the file's own error.
 */
export function datasetProblems(path: string, suite: Suite): Problem[] {
  const { foreign } = suite
  if (!foreign) {
    throw new RetortError({ code: 'no-foreign-tasks', message: `the suite ${suite.name} takes no tasks from a file`, found: path, expected: 'a suite whose tools fit questions from outside' })
  }
  return examplesOf(path).map((example, index) => {
    const { question, answer, dataset_name: name, context } = example
    // Without the publisher in front, as tasks are counted under it.
    const id = `${name?.split('/').at(-1) ?? 'file'}/${example.id ?? index}`
    const articles = context?.map(([title, sentences]): Article => ({ title, text: sentences.join(' ') }))
    const problem = foreign({ question, answer, id, ...(articles ? { articles } : {}) })
    const same = COUNTED.find(([pattern]) => pattern.test(name ?? ''))?.[1]
    return same ? counted(problem, { answer, same }) : problem
  })
}

/** The problem with another measure of what is right. */
const counted = (problem: Problem, { answer: right, same }: { readonly answer: string; readonly same: SameAnswer }): Problem => {
  const isRight = (answer: string): boolean => same(answer, right)
  return {
    ...problem,
    scoreAnswer: isRight,
    score({ end }) {
      const answer = end?.answer ?? null
      const success = answer !== null && isRight(answer)
      return { success, reward: success ? 1 : 0, detail: answer === null ? `no answer, expected ${right}` : `answered ${answer}, expected ${right}` }
    },
  }
}

function examplesOf(path: string): Example[] {
  const rows = rowsOf(path)
  if (rows.length === 0) throw bad(path, 'no questions')
  return rows.map((row, index) => {
    const read = exampleSchema.safeParse(row)
    if (read.success) return read.data
    throw bad(`${path}, entry ${index + 1}`, JSON.stringify(row)?.slice(0, 80) ?? 'nothing')
  })
}

function rowsOf(path: string): readonly unknown[] {
  const text = textOf(path)
  const whole = parsedJson(text)
  if (whole !== undefined && !isExample(whole)) {
    const list = listSchema.safeParse(whole)
    if (!list.success) throw bad(path, text.trimStart().slice(0, 60))
    return list.data
  }
  return text.split('\n').filter((line) => line.trim() !== '').map((line, index) => {
    const row = parsedJson(line)
    if (row === undefined) throw bad(`${path}, line ${index + 1}`, JSON.stringify(line.slice(0, 60)))
    return row
  })
}

const isExample = (value: unknown): boolean => typeof value === 'object' && value !== null && 'question' in value

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

const bad = (where: string, found: string): RetortError =>
  new RetortError({ code: 'bad-tasks', message: 'these are no tasks', where, found, expected: 'a JSON list (or JSONL) of objects with "question" and "answer"' })

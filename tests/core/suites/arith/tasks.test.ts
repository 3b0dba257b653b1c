// Tasks of arith: their splits, their wording, their numbers, their answers.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { numberOf } from '../../../../src/core/suites/index.ts'
import { arith } from '../../../../src/core/suites/arith/index.ts'
import { COMPOSED } from '../../../../src/core/suites/arith/compose/compose.ts'
import { TEMPLATES } from '../../../../src/core/suites/arith/templates.ts'
import { UNSEEN } from '../../../../src/core/suites/arith/unseen.ts'
import { BOXES, singular, THINGS } from '../../../../src/core/suites/arith/words.ts'
import type { SuiteTask, TaskSplit } from '../../../../src/shared/records/suite.ts'

const tasks = (split: TaskSplit, count: number, seed = 4): SuiteTask[] =>
  Array.from({ length: count }, (_, index) => arith.problem({ split, seed, index }).task)

/** Runs of eight words. */
const grams = (text: string): string[] => {
  const words = text.toLowerCase().split(/[^\p{L}\d#]+/u).filter((word) => word !== '')
  return words.slice(7).map((_, at) => words.slice(at, at + 8).join(' '))
}
const masked = (text: string): string => text.replace(/\d+/g, '#')

test('a place is one task, another place another', () => {
  expect(tasks('train', 20)).toEqual(tasks('train', 20))
  const questions = [...tasks('train', 300), ...tasks('train', 300, 5), ...tasks('held-out', 300), ...tasks('ood', 300)].map(({ question }) => question)
  expect(new Set(questions).size).toBe(questions.length)
})

test('train and held-out share no eight words with a number in them; ood shares none with train, whatever its numbers', () => {
  const train = tasks('train', 1000)
  const seen = new Set(train.flatMap(({ question }) => grams(question)))
  const worded = new Set(train.flatMap(({ question }) => grams(masked(question))))
  const shared = tasks('held-out', 1000).flatMap(({ question }) => grams(question)).filter((gram) => /\d/.test(gram) && seen.has(gram))
  expect(shared).toEqual([])
  expect(tasks('ood', 500).flatMap(({ question }) => grams(masked(question))).filter((gram) => worded.has(gram))).toEqual([])
  // What the check can see: two tasks of one template do share such words.
  const [one, other] = train.filter(({ family }) => family === 't-wages')
  expect(grams(masked(other!.question)).filter((gram) => grams(masked(one!.question)).includes(gram)).length).toBeGreaterThan(0)
})

test('no thing and no container of the tasks for training appears out of domain', () => {
  const known = new Set([...THINGS, ...BOXES].flatMap((word) => [word, singular(word)]))
  for (const { text, family } of UNSEEN) expect(text.toLowerCase().split(/[^a-z]+/).filter((word) => known.has(word)), family).toEqual([])
})

test('families: at least 40 templates, as many kinds of composed problems as frames, at least 12 unseen templates, all of them drawn', () => {
  expect(TEMPLATES.length).toBeGreaterThanOrEqual(40)
  expect(UNSEEN.length).toBeGreaterThanOrEqual(12)
  expect(arith.families.train).toEqual([...TEMPLATES.map(({ family }) => family), ...COMPOSED])
  expect(new Set(tasks('train', 1500).map(({ family }) => family))).toEqual(new Set(arith.families.train))
  expect(new Set(tasks('ood', 500).map(({ family }) => family))).toEqual(new Set(arith.families.ood))
  expect(new Set([...arith.families.train, ...arith.families.ood]).size).toBe(TEMPLATES.length + COMPOSED.length + UNSEEN.length)
})

test('questions are whole sentences with plain numbers of 3 to 7 digits', () => {
  for (const { question, id } of [...tasks('train', 800), ...tasks('ood', 200)]) {
    expect(question, id).toMatch(/^[\p{Lu}\d].*[.?]$/u)
    expect(question, id).not.toMatch(/[{}<>|()!]| {2}| [,.;?]|\.\.|\b(\w+) \1\b|undefined/)
    for (const number of question.match(/\d[\d.,]*\d/g) ?? []) expect(number, question).toMatch(/^\d{3,7}$/)
  }
})

test('a thousand composed problems have nearly as many wordings', () => {
  const composed = tasks('train', 2000).filter(({ family }) => family.startsWith('c-'))
  expect(composed.length).toBeGreaterThan(800)
  // Nouns and names are left out of account by their frames: what begins a sentence, and how the numbers stand in it.
  const skeletons = new Set(composed.map(({ question }) => masked(question)))
  expect(skeletons.size).toBeGreaterThan(composed.length * 0.99)
})

test('each number of a question is used, or named as of no use, and the answer is what the calls come to', () => {
  for (const { id, split, seed, index } of [...tasks('train', 250), ...tasks('ood', 100)]) {
    const problem = arith.problem({ split, seed, index })
    const expert = problem.expert!(3, { recovery: 0, restate: 1, stepwise: 0 })
    const first = expert.next([])
    if (!('calls' in first)) throw new Error(`${id}: no call`)
    const said: string[] = []
    const steps = []
    for (let decision = first; 'calls' in decision && steps.length < 5; ) {
      const { expression } = JSON.parse(decision.calls[0]!.arguments) as { expression: string }
      said.push(decision.thought, expression)
      const exact = evaluate(expression)
      if ('problem' in exact) throw new Error(`${id}: ${exact.problem}`)
      expect(exact.d, problem.task.question).toBe(1n)
      const value = Number(exact.n)
      steps.push({ text: '', calls: [{ name: 'calc', argument: expression }], observations: [String(value)] })
      const next = expert.next(steps)
      if ('answer' in next) {
        expect(numberOf(next.answer), problem.task.question).toBe(value)
        expect(next.answer).toBe(problem.task.answer)
        break
      }
      decision = next
    }
    const numbers = (text: string): string[] => text.match(/\d+/g) ?? []
    expect(numbers(problem.task.question).filter((number) => !numbers(said.join(' ')).includes(number)), problem.task.question).toEqual([])
  }
})

test('answers are counted as numbers', () => {
  const { task, scoreAnswer } = arith.problem({ split: 'train', seed: 0, index: 0 })
  const right = Number(task.answer)
  expect([`${right}`, `${right}.0`, right.toLocaleString('en-US'), `${right} lamps`].map((answer) => scoreAnswer!(answer))).toEqual([true, true, true, true])
  expect([`${right + 1}`, 'many', '', `${right}0`].map((answer) => scoreAnswer!(answer))).toEqual([false, false, false, false])
})

test('a task from outside has its answer and no expert', () => {
  const problem = arith.foreign!({ id: 'GSM-hard/7', question: 'How many?', answer: '13138980.0' })
  expect(problem.expert).toBeNull()
  expect(problem.task).toMatchObject({ suite: 'arith', id: 'GSM-hard/7', question: 'How many?' })
  expect(problem.scoreAnswer!('13138980')).toBe(true)
})

test('a worked solution ends with the answer and gives each result on the way', () => {
  for (const split of ['train', 'ood'] as const) {
    for (let index = 0; index < 40; index++) {
      const { rationale, task } = arith.problem({ split, seed: 1, index })
      expect(rationale!(0)).toMatch(new RegExp(` gives ${task.answer!}\\.\\nAnswer: ${task.answer!}$`))
    }
  }
})

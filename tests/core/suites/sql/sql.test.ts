// Suite sql: databases, questions and their splits, answers against SQLite's own, what is counted as right, the expert's slips.
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { PastStep } from '../../../../src/core/suites/index.ts'
import { scriptOf } from '../../../../src/core/suites/sql/database.ts'
import { isRight, sql } from '../../../../src/core/suites/sql/index.ts'
import { queryOf } from '../../../../src/core/suites/sql/queries.ts'
import { type Question, questionAt } from '../../../../src/core/suites/sql/question.ts'
import { SCHEMAS } from '../../../../src/core/suites/sql/schemas.ts'

const SPLITS = ['train', 'held-out', 'ood'] as const
const questions = (split: (typeof SPLITS)[number], count: number): Question[] => Array.from({ length: count }, (_, index) => questionAt({ split, seed: 21, index }))

function eights(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.slice(7).map((_, at) => words.slice(at, at + 8).join(' '))
}

/** First cells of what SQLite answers. */
function answered(database: DatabaseSync, query: string): string[] {
  return database.prepare(query).all().map((row) => String(Object.values(row)[0]))
}

const opened = ({ database }: Question): DatabaseSync => {
  const made = new DatabaseSync(':memory:')
  made.exec(scriptOf(database))
  return made
}

test('the answer worked out from the rows is what SQLite answers, however the query is written', () => {
  for (const split of SPLITS) {
    for (const question of questions(split, 60)) {
      const { plan, database, answer } = question
      const made = opened(question)
      for (const nested of [false, true]) {
        const query = queryOf(plan, database.names, { manner: { nested, lower: nested } })
        expect(isRight(answered(made, query).join(', '), answer), `${question.question} ${query}`).toBe(true)
        if ('name' in plan) {
          const id = String(database[plan.of].find(({ label }) => label === plan.name)!.id)
          expect(isRight(answered(made, queryOf(plan, database.names, { manner: { nested, lower: false }, id })).join(', '), answer), question.question).toBe(true)
        }
      }
      made.close()
    }
  }
})

test('no eight words in a row of a question of training stand in one of held-out or ood, and no question does', () => {
  const train = questions('train', 1200).map(({ question }) => question)
  const seen = new Set([...train.flatMap(eights), ...train])
  expect(seen.size).toBeGreaterThan(1200)
  for (const split of ['held-out', 'ood'] as const) {
    const others = questions(split, 500).map(({ question }) => question)
    expect([...others, ...others.flatMap(eights)].filter((words) => seen.has(words))).toEqual([])
  }
})

test('held-out has the subjects of training, ood others; every family is drawn', () => {
  const drawn = (split: (typeof SPLITS)[number]): string[] => [...new Set(Array.from({ length: 600 }, (_, index) => sql.problem({ split, seed: 5, index }).task.family))].sort()
  expect(drawn('train')).toEqual([...sql.families.train].sort())
  expect(drawn('held-out')).toEqual([...sql.families.train].sort())
  expect(drawn('ood')).toEqual([...sql.families.ood].sort())
  expect(sql.families.ood.filter((family) => sql.families.train.includes(family))).toEqual([])
})

test('the same place gives the same task and database; names of tables and columns change', () => {
  const place = { split: 'ood', seed: 7, index: 4 } as const
  expect(sql.problem(place).task).toEqual(sql.problem(place).task)
  expect(scriptOf(questionAt(place).database)).toBe(scriptOf(questionAt(place).database))
  const shops = questions('train', 300).filter(({ schema }) => schema.name === 'shop')
  expect(new Set(shops.map(({ database }) => database.names.a.table)).size).toBe(3)
  expect(new Set(shops.map(({ database }) => database.names.b.number)).size).toBe(3)
})

test('columns of one table never share a name, whichever are drawn', () => {
  for (const { name, a, b, event } of SCHEMAS) {
    for (const { names, label, text, number } of [a, b]) {
      const all = [...label.names, ...text.names, ...number.names]
      expect(new Set(all).size, `${name}: ${all.join()}`).toBe(all.length)
      expect(names.length).toBe(3)
    }
    const tables = [...a.names.map(([many]) => many), ...b.names.map(([many]) => many), ...event.names]
    expect(new Set(tables).size, name).toBe(tables.length)
  }
})

test('right answers: numbers by value, names as words, lists in any order unless one is asked for', () => {
  const names = { values: ['Ada Falk', 'Leo Marx', 'Jana Otto'], ordered: false }
  for (const given of ['33.33', '33.3', '33.333333']) expect(isRight(given, { values: ['33.333333'], ordered: false }), given).toBe(true)
  for (const given of ['33', '33.4', '33.33 or 34', '3333']) expect(isRight(given, { values: ['33.333333'], ordered: false }), given).toBe(false)
  for (const given of ['Leo Marx, Ada Falk, Jana Otto', 'ada falk; leo marx\nJana Otto', 'Ada Falk, Leo Marx and Jana Otto']) expect(isRight(given, names), given).toBe(true)
  for (const given of ['Ada Falk, Leo Marx', 'Ada Falk, Leo Marx, Jana Otto, Emil Frost', 'Ada Falk, Ada Falk, Leo Marx', '']) expect(isRight(given, names), given).toBe(false)
  expect(isRight('Leo Marx, Ada Falk, Jana Otto', { ...names, ordered: true })).toBe(false)
  expect(isRight('Ada Falk, Leo Marx, Jana Otto', { ...names, ordered: true })).toBe(true)
  expect(isRight('45.5', { values: ['45.5'], ordered: false })).toBe(true)
  expect(isRight('1,450', { values: ['1450'], ordered: false })).toBe(true)
  expect(isRight('1451', { values: ['1450'], ordered: false })).toBe(false)
})

/** The expert against SQLite itself, as the tool answers. */
function played(index: number, settings: { recovery: number; stepwise?: number; restate?: number }): { steps: PastStep[]; answer: string; mistakes: number } {
  const place = { split: 'train', seed: 9, index } as const
  const made = opened(questionAt(place))
  const expert = sql.problem(place).expert!(3, settings)
  const steps: PastStep[] = []
  let mistakes = 0
  for (;;) {
    const move = expert.next(steps)
    expect(move).toEqual(expert.next(steps))
    if ('answer' in move) {
      made.close()
      return { steps, answer: move.answer, mistakes }
    }
    mistakes += move.mistake ? 1 : 0
    const { query } = JSON.parse(move.calls[0]!.arguments) as { query: string }
    let observation: string
    try {
      const rows = made.prepare(query).all().map((row) => Object.values(row).map(String).join(' | '))
      observation = ['columns', ...rows].join('\n')
      expect(move.mistake, query).toBeUndefined()
    } catch (error) {
      observation = (error as Error).message
      expect(move.mistake, observation).toBe(true)
    }
    steps.push({ text: move.thought, calls: [{ name: 'sql', argument: query }], observations: [observation] })
    expect(steps.length).toBeLessThan(sql.limits.steps)
  }
}

test('the expert solves each task; its slips are errors that it mends in the next step', () => {
  for (let index = 0; index < 40; index++) {
    const { task, scoreAnswer } = sql.problem({ split: 'train', seed: 9, index })
    const plain = played(index, { recovery: 0 })
    expect([scoreAnswer!(plain.answer), plain.mistakes, plain.steps.length], task.question).toEqual([true, 0, 2])
    const slipped = played(index, { recovery: 1, stepwise: 1 })
    expect([scoreAnswer!(slipped.answer), slipped.mistakes], task.question).toEqual([true, 1])
  }
})

test('a restated goal stands in the first thought, and only there', () => {
  const first = (restate: number): string => played(1, { recovery: 0, restate }).steps[0]!.text
  expect(first(1).length).toBeGreaterThan(first(0).length)
  expect(new Set(Array.from({ length: 12 }, (_, index) => played(index, { recovery: 0, restate: 0 }).steps[0]!.text)).size).toBeGreaterThan(2)
})

test('an expert that the database leaves without rows gives up rather than asking again', () => {
  const place = { split: 'train', seed: 9, index: 0 } as const
  const expert = sql.problem(place).expert!(3, { recovery: 0 })
  const schema = scriptOf(questionAt(place).database).split('\n').filter((line) => line.startsWith('CREATE')).map((line) => line.replace(/;$/, '')).join('\n')
  const look: PastStep = { text: '', calls: [{ name: 'sql', argument: 'x' }], observations: [schema] }
  const move = expert.next([look])
  const query = 'calls' in move ? (JSON.parse(move.calls[0]!.arguments) as { query: string }).query : ''
  expect(expert.next([look, { text: '', calls: [{ name: 'sql', argument: query }], observations: ['name'] }])).toMatchObject({ answer: 'none' })
})

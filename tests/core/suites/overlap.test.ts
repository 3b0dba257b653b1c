// What questions of training share with held-out and out-of-domain ones: of each suite by the rule that its summary tells.
import { expect, test } from 'vitest'
import { SUITES, suiteNamed } from '../../../src/core/suites/index.ts'
import { TRAIN_LEXICON } from '../../../src/core/suites/shop/trainLexicon.ts'
import { wordsOf } from '../../../src/core/words.ts'
import type { SuiteName, TaskSplit } from '../../../src/shared/records/suite.ts'
import { eightGrams } from '../../support/expertRun.ts'

const TASKS = 500

const questions = (name: SuiteName, split: TaskSplit): string[] => {
  const suite = suiteNamed(name)
  return Array.from({ length: Math.min(TASKS, suite.count?.(split) ?? TASKS) }, (_, index) => suite.problem({ split, seed: 1, index }).task.question)
}

/** What a question may not share with one of training: held-out, and out of domain. */
const SHARED: Readonly<Record<SuiteName, { readonly heldOut: (question: string) => string[]; readonly ood: (question: string) => string[]; readonly summary: RegExp }>> = {
  arith: { heldOut: (question) => eightGrams(question).filter((gram) => /\d/.test(gram)), ood: eightGrams, summary: /no eight words with a number/ },
  game24: { heldOut: eightGrams, ood: eightGrams, summary: /share no set of numbers/ },
  twohop: { heldOut: eightGrams, ood: eightGrams, summary: /share no eight words/ },
  household: { heldOut: (question) => [suiteNamed('household').likeness!.of(question)!], ood: eightGrams, summary: /layouts .* that training never has/ },
  sql: { heldOut: eightGrams, ood: eightGrams, summary: /no eight words/ },
  shop: { heldOut: eightGrams, ood: eightGrams, summary: /share no eight words/ },
}

test.each(SUITES.map(({ name }) => name))('%s: 500 tasks of training share nothing with 500 held-out and 500 out-of-domain ones', (name) => {
  const { heldOut, ood, summary } = SHARED[name]
  expect(suiteNamed(name).summary).toMatch(summary)
  const train = questions(name, 'train')
  const known = new Set([...train.flatMap(heldOut), ...train.flatMap(ood)])
  expect(known.size).toBeGreaterThan(100)
  expect(questions(name, 'held-out').flatMap(heldOut).filter((one) => known.has(one))).toEqual([])
  expect(questions(name, 'ood').flatMap(ood).filter((one) => known.has(one))).toEqual([])
})

test('a part of an order of the shop has seven words at most: eight in a row hold words of two', () => {
  const { categories, wording } = TRAIN_LEXICON
  const values = categories.flatMap(({ name, makes, features, options }) => [name, ...makes, ...features, ...Object.keys(options), ...Object.values(options).flat()])
  expect(values.filter((value) => wordsOf(value).length !== 1)).toEqual([])
  const filled = [...wording.orders, ...wording.features, ...wording.options, ...wording.caps].map((form) => form.replace('{item}', 'a wool rug').replace('{list}', 'soft and thick').replace(/\{\w+\}/g, '1'))
  expect(filled.filter((form) => wordsOf(form).length > 7)).toEqual([])
})

test('a question on a database stands for one database', () => {
  for (const split of ['train', 'held-out', 'ood'] as const) expect(new Set(questions('sql', split)).size).toBe(TASKS)
})

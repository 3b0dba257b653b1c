// A judge's terms in the form and what it came to: what is paid is asked with both prices, and every limit is told.
import { expect, test } from 'vitest'
import { askedJudge, isOver, NO_TERMS, spentOf, standingOf, termsProblem, termsSchema } from '../../../src/renderer/curation/judgeModel.ts'
import { teacher } from '../../../src/renderer/i18n/en/teacher.ts'

const ENDPOINT = { type: 'endpoint' as const, provider: 'p', model: 'm', concurrency: 4 }
const LOCAL = { type: 'local' as const, path: '/m.gguf' }
const usage = (requests: number, cost: number | null = null) => ({ requests, replayed: 0, promptTokens: 1000 * requests, tokens: 100 * requests, assumed: 0, cost })
const judging = { answered: 3, failed: 0, unasked: 0, stopped: null, usage: usage(2, 0.2), total: usage(2, 0.2), budget: { cost: null, tokens: null } }

test('an endpoint is asked with its prices and limits; a file of this machine has none', () => {
  const terms = { priceRead: 1, priceWritten: 0, mostCost: 2, mostTokens: 3000 }
  expect(askedJudge(ENDPOINT, terms)).toEqual({ ...ENDPOINT, prices: { input: 1, output: 0 }, budget: { cost: 2, tokens: 3000 } })
  expect(askedJudge(ENDPOINT, NO_TERMS)).toEqual({ ...ENDPOINT, prices: null, budget: { cost: null, tokens: null } })
  expect(askedJudge(LOCAL, terms)).toEqual(LOCAL)
  expect(askedJudge(null, terms)).toBeNull()
  expect(termsSchema.parse(JSON.parse(JSON.stringify(terms)))).toEqual(terms)
})

test('half of the prices, and a limit of cost without them, are said in words; of a file they do not matter', () => {
  const half = { ...NO_TERMS, priceWritten: 3 }
  const blind = { ...NO_TERMS, mostCost: 3 }
  expect([termsProblem(ENDPOINT, NO_TERMS), termsProblem(ENDPOINT, half), termsProblem(ENDPOINT, blind), termsProblem(ENDPOINT, { ...blind, priceRead: 0, priceWritten: 0 })]).toEqual([null, 'half-prices', 'no-prices', null])
  expect([termsProblem(LOCAL, half), termsProblem(null, blind)]).toEqual([null, null])
  for (const problem of ['half-prices', 'no-prices'] as const) expect(teacher.problems[problem]).toBeTruthy()
})

test('an estimate above a limit of cost or of tokens is told', () => {
  const estimate = { requests: 2, known: 0, promptTokens: 900, tokens: 100, cost: 0.5, most: { tokens: 9000, cost: 4 }, basis: '' }
  const over = (terms: Partial<typeof NO_TERMS>): boolean => isOver(estimate, { ...NO_TERMS, ...terms })
  expect([over({}), over({ mostCost: 0.5 }), over({ mostCost: 0.4 }), over({ mostTokens: 1000 }), over({ mostTokens: 999 })]).toEqual([false, false, true, false, true])
  expect(isOver({ ...estimate, cost: null }, { ...NO_TERMS, mostCost: 0.1 })).toBe(false)
})

test('what a judge took has a cost where prices are known; its standing is shown where there were other curations, or a limit', () => {
  expect(spentOf(usage(2, 0.2))).toMatchObject({ read: '2,000', written: '200', cost: '0.20' })
  expect([spentOf(usage(2)).cost, spentOf(usage(2, 0)).cost]).toEqual([null, null])
  expect(standingOf(judging)).toBeNull()
  expect(standingOf({ ...judging, total: usage(9, 0.9) })).toEqual({ tokens: '9,900', cost: '0.90', mostTokens: null, mostCost: null })
  expect(standingOf({ ...judging, budget: { cost: 5, tokens: 10_000 } })).toEqual({ tokens: '2,200', cost: '0.20', mostTokens: '10,000', mostCost: '5.00' })
})

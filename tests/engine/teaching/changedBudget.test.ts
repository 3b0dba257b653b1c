// The budget of what is gone on with: limit by limit; and one of cost where it was begun without prices, which cannot be named any more.
import { expect, test } from 'vitest'
import { changedBudget, requirePrices } from '../../../src/engine/teaching/index.ts'

test('only what is named changes', () => {
  const before = { prices: { input: 1, output: 2 }, budget: { cost: 5, tokens: 100 } }
  expect(changedBudget(before, { cost: 9 })).toEqual({ cost: 9, tokens: 100 })
  expect(changedBudget(before, { tokens: null })).toEqual({ cost: 5, tokens: null })
})

test('without prices a limit of tokens is what can be had: only what begins is told to name prices', () => {
  const free = { prices: null, budget: { cost: null, tokens: null } }
  expect(changedBudget(free, { tokens: 9 })).toEqual({ cost: null, tokens: 9 })
  const refused = (expected: string) => expect.objectContaining({ code: 'no-prices', found: 'a limit of 5 without prices', expected: expect.stringMatching(expected) as string }) as Error
  expect(() => changedBudget(free, { cost: 5 })).toThrow(refused('^a limit of tokens \\(--budget-tokens\\): it was begun without prices'))
  expect(() => requirePrices({ prices: null, budget: { cost: 5, tokens: null } })).toThrow(refused('--price-in and --price-out'))
})

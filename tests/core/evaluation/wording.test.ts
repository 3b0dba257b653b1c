// Tasks for training that are worded like those that are asked: eight words in a row, whatever the numbers.
import { expect, test } from 'vitest'
import { createWordingCheck } from '../../../src/core/evaluation/index.ts'

const isAlike = createWordingCheck(['A library has 322 shelves with 771 books each. 45,666 books are lent out.', 'How many is 3 and 4?'])

test.each([
  ['other numbers', 'Before that, a library has 9 shelves with 1250 books each, and more.', true],
  ['seven words of it', 'Then library has 322 shelves with 771 books.', false],
  ['eight words of it', 'Then library has 322 shelves with 771 books each.', true],
  ['a short question as a whole', 'how many is 12 and 9', true],
  ['a short question within a longer one', 'How many is 12 and 9 and 7 in all of it?', false],
  ['nothing', '', false],
])('%s', (_, question, alike) => expect(isAlike(question)).toBe(alike))

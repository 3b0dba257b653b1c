// Right answers by words, numbers and mathematics: forms that are equal, and forms that are near but wrong.
import { expect, test } from 'vitest'
import { numberOf, sameMath, sameNumber, sameWords } from '../../../src/core/suites/index.ts'
import { isNumber, sameRounded } from '../../../src/core/suites/number.ts'

test('words: case, articles, punctuation and spaces do not count, words do', () => {
  for (const [answer, right] of [['The Titan IIIE.', 'Titan IIIE'], ["  james   madison", 'James Madison'], ['Coahuila Mexico', 'Coahuila, Mexico'], ['“Yes”', 'yes']] as const) {
    expect(sameWords(answer, right), answer).toBe(true)
  }
  for (const [answer, right] of [['5.5', '55'], ['-5', '5'], ['−5', '5'], ['Madison', 'James Madison'], ['1999', '1998'], ['', 'x'], ['Anders', 'Anderson']] as const) expect(sameWords(answer, right), answer).toBe(false)
})

test('numbers: written with currency, commas, units or as a fraction; apart by less than a thousandth', () => {
  const numbers = [['$1,234.50', 1234.5], ['13138980', 13138980], ['-7 apples', -7], ['12.', 12], ['.5', 0.5], ['3/4', 0.75], ['45%', 45], ['1e3', 1000], ['€ 20 per day', 20]] as const
  for (const [text, value] of numbers) expect(numberOf(text), text).toBe(value)
  for (const text of ['', 'none', 'x = 3', ' or 4', '1.2.3']) expect(numberOf(text), text).toBe(null)
  expect(sameNumber('9,435,680,550', '9435680550')).toBe(true)
  expect(sameNumber('2.0004', '2')).toBe(true)
  expect(sameNumber('2.002', '2')).toBe(false)
  expect(sameNumber('two', '2')).toBe(false)
})

test.each([
  ['12'], ['12.'], ['12,'], ['12!'], ['12€'], ['12 €'], ['€12'], ['$12'], ['US$12'], ['USD 12'], ['12km'], ['12 km'], ['12 km2'], ['12 m²'], ['12 m^2'], ['12%'], ['12°C'],
  ['**12**'], ['**12** km'], ['**12 km**'], ['*12*'], ['`12`'], ['"12"'], ['(12)'], ['= 12'], ['≈ 12'], ['$12$'], ['\\(12\\)'], ['\\boxed{12}'], ['12\\%'], ['12\\text{ km}'],
  ['12, because 3 * 4 is 12'], ['12 because 3*4=12'], ['12 (3 * 4)'], ['12 euros, and no more'], ['12 since 2010'], ['12 out of 20 apples'], ['12 = 3 * 4'], ['12.0'], ['24/2'], ['1 dozen'],
])('%s is twelve', (text) => {
  expect(numberOf(text)).toBe(12)
})

test.each([
  ['12 or 13'], ['12, or 13'], ['12 apples or 13'], ['12 and 13'], ['12 to 15'], ['12-15'], ['12–15'], ['12 - 5'], ['12-5'], ['12+5'], ['12 x 3'], ['12x3'], ['12x'], ['12*3'], ['12 × 3'], ['12 times 3'],
  ['12 \\times 3'], ['12\\times3'], ['12^2'], ['12, 13'], ['12,5'], ['12,34'], ['12:30'], ['12.5.1'], ['12 13'], ['12 5000'], ['12 km and 300 m'], ['12 apples 13 pears'], ['(12 - 5)'], ['(12) * 3'],
  ['12a34'], ['twelve'], ['**'], ['x = 12'],
])('%s leaves open which number it is', (text) => {
  expect(numberOf(text)).toBe(null)
})

test.each([
  ['5 000', 5000], ['12 000 dollars', 12_000], ['12\u00a0000\u202f000', 12_000_000], ['12 million', 12_000_000], ['1.5 million euros', 1_500_000], ['12k', 12_000], ['2 hundred thousand', 200_000],
  ['-12', -12], ['−12', -12], ['-$12', -12], ['$-12', -12], ['1 1/2', 1.5], ['1 1/2 km', 1.5], ['½', 0.5], ['\\frac{3}{4}', 0.75], ['1,234,567.5', 1_234_567.5], ['1e3', 1000],
])('%s is %d', (text, value) => {
  expect(numberOf(text)).toBe(value)
})

test('a rounded answer counts as far as its decimals go', () => {
  for (const [answer, right] of [['33.33', '33.333333'], ['33.3', '33.333333'], ['66.67 points', '66.666667'], ['33.333333', '33.333333'], ['12.0', '12']] as const) expect(sameRounded(answer, right), answer).toBe(true)
  for (const [answer, right] of [['33', '33.333333'], ['33.34', '33.333333'], ['33.4', '33.333333'], ['66.66', '66.666667'], ['12.1', '12'], ['33.33 or 33.34', '33.333333']] as const) expect(sameRounded(answer, right), answer).toBe(false)
})

test('what is a number and nothing else', () => {
  expect(['12', '-5', '12,300', '33.33', '1e3'].filter((text) => !isNumber(text))).toEqual([])
  expect(['12 Monkeys', '', '1,23', '3/4', 'x'].filter(isNumber)).toEqual([])
})

test('mathematics: LaTeX that says the same is the same', () => {
  const same = [
    ['\\dfrac{14}{3}', '\\frac{14}{3}'], ['14/3', '\\frac{14}{3}'], ['\\frac43', '\\frac{4}{3}'], ['(3, \\pi/2)', '\\left( 3, \\pi/2 \\right)'], ['x = 5', '5'],
    ['\\boxed{\\frac{1}{2}}', '0.5'], ['10\\%', '10'], ['5 \\text{ cm}', '5'], ['5 cm^2', '5'], ['\\$1,200', '1200'], ['.5', '0.5'], ['90^\\circ', '90'], ['\\text{Evelyn}', 'Evelyn'],
    ['p-q', 'p - q'], ['\\sqrt2', '\\sqrt{2}'],
  ] as const
  for (const [answer, right] of same) expect(sameMath(answer, right), `${answer} is ${right}`).toBe(true)
  for (const [answer, right] of [['\\frac{3}{14}', '\\frac{14}{3}'], ['q - p', 'p - q'], ['51', '5'], ['(3,2)', '(2,3)'], ['2x', '2']] as const) {
    expect(sameMath(answer, right), `${answer} is not ${right}`).toBe(false)
  }
})

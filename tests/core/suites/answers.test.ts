// Right answers by words, numbers and mathematics: forms that are equal, and forms that are near but wrong.
import { expect, test } from 'vitest'
import { numberOf, sameMath, sameNumber, sameWords } from '../../../src/core/suites/index.ts'

test('words: case, articles, punctuation and spaces do not count, words do', () => {
  for (const [answer, right] of [['The Titan IIIE.', 'Titan IIIE'], ["  james   madison", 'James Madison'], ['Coahuila Mexico', 'Coahuila, Mexico'], ['“Yes”', 'yes']] as const) {
    expect(sameWords(answer, right), answer).toBe(true)
  }
  for (const [answer, right] of [['Madison', 'James Madison'], ['1999', '1998'], ['', 'x'], ['Anders', 'Anderson']] as const) expect(sameWords(answer, right), answer).toBe(false)
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

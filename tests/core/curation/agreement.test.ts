// Kappa against published and hand-made examples, and the reading of judges' answers.
import { expect, test } from 'vitest'
import { agreementOf, calibrated, confusionOf, kappaOf } from '../../../src/core/pipeline/curation/agreement.ts'
import { readLabels, readScore, readVerdict } from '../../../src/core/pipeline/curation/judging.ts'

const different = (row: number, column: number): number => (row === column ? 0 : 1)

test("Cohen's kappa of the usual example: 20 and 15 agreed, 5 and 10 not, is 0.4", () => {
  expect(kappaOf([[20, 5], [10, 15]], different)).toBeCloseTo(0.4, 12)
})

test('all the same is undefined, all agreed is 1, worse than chance is negative', () => {
  expect(kappaOf([[7, 0], [0, 0]], different)).toBeNull()
  expect(kappaOf([[3, 0], [0, 4]], different)).toBe(1)
  expect(kappaOf([[0, 5], [5, 0]], different)).toBe(-1)
})

test('the weighted one forgives a neighbour: by the definition over all pairs', () => {
  const rated = [[1, 2], [2, 2], [3, 5], [4, 4], [5, 4], [5, 5], [1, 1]].map(([hand, judge]) => ({ hand: hand!, judge: judge! }))
  // sum of squared differences over pairs as they are, and over all crossed pairs (Cohen 1968, from scratch).
  const square = (a: number, b: number): number => (a - b) ** 2
  const observed = rated.reduce((sum, { hand, judge }) => sum + square(hand, judge), 0) / rated.length
  const chance = rated.flatMap(({ hand }) => rated.map(({ judge }) => square(hand, judge))).reduce((sum, one) => sum + one, 0) / rated.length ** 2
  const found = agreementOf(rated, { least: 3, threshold: 3 })
  expect(found.weightedKappa).toBeCloseTo(1 - observed / chance, 12)
  expect(found.exact).toBeCloseTo(4 / 7, 12)
  expect(found.confusion).toEqual([[1, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]])
  expect(confusionOf([])).toEqual(Array(5).fill(Array(5).fill(0)))
})

test('too few labels calibrate nothing', () => {
  const kind = (count: number) => Array.from({ length: count }, (_, at) => (at % 2 === 0 ? { hand: 1, judge: 4 } : { hand: 5, judge: 5 }))
  expect([calibrated(kind(9), 3), calibrated(kind(10), 3)]).toEqual([3, 5])
})

test.each([
  ['{"score": 4, "why": "x"}', 4], ['```json\n{"score": "2"}\n```', 2], ['Sure! Score: 3.', 3], ['5', 5], ['4/5', 4],
  ['{"score": 7}', null], ['{"score": 3.5}', null], ['score 3.5', null], ['I cannot say.', null], ['There are 4 steps.', null],
])('a score in %j is %j', (text, score) => expect(readScore(text)).toBe(score))

test('verdicts and labels: only what was asked for', () => {
  expect(['{"right": true}', 'no {"right":"false"}', '{"right": 1}', 'right'].map(readVerdict)).toEqual([true, false, null, null])
  expect(readLabels('x {"labels": ["good", "recover"]} y', 2)).toEqual(['good', 'recover'])
  expect([readLabels('{"labels": ["good"]}', 2), readLabels('{"labels": ["good", "bad"]}', 2)]).toEqual([null, null])
})

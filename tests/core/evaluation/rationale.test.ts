// Measures of thoughts: ROUGE-L by hand, and what swapped thoughts show.
import { expect, test } from 'vitest'
import { type AskedStep, rationaleOf, rougeL } from '../../../src/core/evaluation/index.ts'

test('ROUGE-L: the longest common order of words, by hand', () => {
  expect(rougeL('I divide 12 by 4', 'i divide 12, by 4.')).toBe(1)
  // "police the gunman" of four words each (Lin 2004, section 3).
  expect(rougeL('police killed the gunman', 'police kill the gunman')).toBeCloseTo(3 / 4, 12)
  expect(rougeL('police killed the gunman', 'the gunman kill police')).toBeCloseTo(2 / 4, 12)
  expect(rougeL('add them', 'first I add all of them together')).toBeCloseTo((2 * 2) / (2 + 7), 12)
  expect([rougeL('', ''), rougeL('', 'a'), rougeL('a', 'b')]).toEqual([1, 0, 0])
})

const step = (own: boolean, swapped: boolean | null): AskedStep => ({ thought: 'I add 2 and 3', expertThought: 'I add 2 and 4', own, swapped, tokens: { student: 10, expert: 8 } })

test('accuracies are shares of steps with their intervals', () => {
  const measured = rationaleOf([step(true, false), step(true, false), step(true, true), step(false, false)])!
  expect(measured).toMatchObject({ steps: 4, actAccuracy: { own: { value: 0.75 }, swapped: { value: 0.25 } }, thoughtTokens: { student: 10, expert: 8 } })
  expect(measured.matchRate.value).toBeCloseTo(0.8, 12)
  expect(measured.actAccuracy.own.low).toBeGreaterThan(0.25)
})

test('a step without a thought of another task is in no share behind one', () => {
  expect(rationaleOf([step(true, true), step(true, null), step(true, false)])).toMatchObject({ steps: 3, unswapped: 1, actAccuracy: { own: { value: 1 }, swapped: { value: 0.5 } } })
  expect(rationaleOf([step(true, null)])).toMatchObject({ unswapped: 1, actAccuracy: { swapped: null } })
})

test('steps that could not be asked are counted', () => {
  expect(rationaleOf([step(true, true)], 3)).toMatchObject({ steps: 1, tooLong: 3, actAccuracy: { own: { value: 1 } } })
})

test('of no steps nothing is said', () => {
  expect(rationaleOf([])).toBeNull()
})

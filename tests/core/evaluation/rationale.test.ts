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

let tasks = 0
/** Of a task of its own, unless it is named. */
const step = (own: boolean, swapped: boolean | null, task = `task ${tasks++}`): AskedStep => ({ task, thought: 'I add 2 and 3', expertThought: 'I add 2 and 4', own, swapped, tokens: { student: 10, expert: 8 } })

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

test('steps of a task are alike: intervals are as wide as so many tasks make them, and own against swapped is paired', () => {
  // Two steps of each of twenty tasks, which come to the same. Half of the tasks are right behind any thought, half behind their own one alone.
  const steps = Array.from({ length: 40 }, (_, index) => step(index % 20 < 15, index % 20 < 5, `of ${index % 20}`))
  const { tasks: drawn, actAccuracy: { own, swapped, difference } } = rationaleOf(steps)!
  expect(drawn).toBe(20)
  const half = (share: number, of: number): number => 1.96 * Math.sqrt((share * (1 - share)) / of)
  for (const { value, low, high } of [own, swapped!, difference!]) {
    const expected = half(value, 20)
    expect((high - low) / 2).toBeGreaterThan(0.85 * expected)
    expect((high - low) / 2).toBeLessThan(1.15 * expected)
    expect((high - low) / 2).toBeGreaterThan(1.2 * half(value, 40))
  }
  expect([own.value, swapped!.value, difference!.value]).toEqual([0.75, 0.25, 0.5])
})

test('a task with more steps counts for more, and one that no thought was swapped into is in no difference', () => {
  const steps = [step(true, false, 'a'), step(true, false, 'a'), step(true, false, 'a'), step(false, false, 'b'), step(false, null, 'c')]
  const { actAccuracy } = rationaleOf(steps)!
  expect(actAccuracy.own.value).toBeCloseTo(3 / 5, 12)
  expect(actAccuracy.difference!.value).toBeCloseTo(3 / 4, 12)
  // Two tasks show nothing.
  expect(actAccuracy.difference!.low).toBeLessThan(0)
  expect(rationaleOf([step(true, null)])!.actAccuracy.difference).toBeNull()
})

test('of no steps nothing is said', () => {
  expect(rationaleOf([])).toBeNull()
})

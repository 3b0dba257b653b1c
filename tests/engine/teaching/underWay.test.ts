// Episodes under way: what begins and ends is told at once, what is written a little later and only its end, nothing after the close.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createUnderWay } from '../../../src/engine/teaching/underWay.ts'
import type { SuiteTask } from '../../../src/shared/records/suite.ts'

const TASK = { id: 'arith/train/0/3', question: 'How many?' } as SuiteTask

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('pieces are gathered before they are told; a new answer begins with nothing', () => {
  const tell = vi.fn()
  const underWay = createUnderWay(tell)
  const one = underWay.begin(TASK, 2)
  expect(tell).toHaveBeenCalledTimes(1)
  one.onStep(0)
  for (const piece of ['Thought: ', 'I ', 'try']) one.onPiece(piece)
  expect(tell).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1000)
  expect(tell).toHaveBeenCalledTimes(2)
  expect(underWay.list()).toEqual([{ task: TASK.id, question: TASK.question, turn: 2, step: 0, text: 'Thought: I try' }])
  one.onPiece(null)
  one.onPiece('Again')
  expect(underWay.list()).toMatchObject([{ step: 0, text: 'Again' }])
  one.onStep(1)
  expect(underWay.list()).toMatchObject([{ step: 1, text: '' }])
  one.end()
  expect(underWay.list()).toEqual([])
})

test('of a long answer the end is told, in whole characters, with a mark of what is left out', () => {
  const underWay = createUnderWay(() => undefined)
  const one = underWay.begin(TASK, 0)
  one.onPiece(`${'a'.repeat(300)}😀${'b'.repeat(399)}`)
  expect(underWay.list()[0]!.text).toBe(`…${'b'.repeat(399)}`)
  one.onPiece('c')
  expect(underWay.list()[0]!.text).toBe(`…${'b'.repeat(399)}c`)
})

test('nothing is told after the close', () => {
  const tell = vi.fn()
  const underWay = createUnderWay(tell)
  underWay.begin(TASK, 0).onPiece('x')
  underWay.close()
  vi.advanceTimersByTime(10_000)
  expect(tell).toHaveBeenCalledTimes(1)
})

// Silence by a clock that stands still: what is heard puts its end off, what is held is none, nothing runs after the end.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSilence } from '../../../src/engine/providers/silence.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a long answer is none as long as something is heard; its patience begins anew each time', () => {
  const silence = createSilence(100)
  for (let heard = 0; heard < 20; heard++) {
    vi.advanceTimersByTime(99)
    silence.heard()
  }
  expect(silence.signal.aborted).toBe(false)
  vi.advanceTimersByTime(99)
  expect(silence.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(silence.signal.aborted).toBe(true)
})

test('waiting that is meant does not count, until something is heard again', () => {
  const silence = createSilence(100)
  silence.hold()
  vi.advanceTimersByTime(100_000)
  expect(silence.signal.aborted).toBe(false)
  silence.heard()
  vi.advanceTimersByTime(100)
  expect(silence.signal.aborted).toBe(true)
})

test('what comes behind the end starts no timer', () => {
  const silence = createSilence(100)
  silence.end()
  expect(silence.signal.aborted).toBe(true)
  silence.heard()
  expect(vi.getTimerCount()).toBe(0)
})

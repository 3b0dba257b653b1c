// When a batch is given up: rows are of neighbouring tasks, in whatever order they end.
import { expect, test } from 'vitest'
import { createVain } from '../../../src/engine/teaching/giveUp.ts'
import type { Rollout } from '../../../src/shared/records/rollout.ts'

const ended = (rejected: Rollout['rejected']): Rollout => ({ rejected, detail: 'no idea' }) as Rollout
const [KEPT, WRONG, FAILED] = [ended(null), ended('wrong'), ended('model-failed')]

test('a row is broken by what is under way between: whether it was in vain is known when that has ended', () => {
  const vain = createVain({ after: 4, of: 'row' }, [])
  const ends = Array.from({ length: 8 }, () => vain.begun())
  const told = (...places: number[]) => places.map((place) => ends[place]!(WRONG))
  expect(told(0, 1, 3, 4, 5)).toEqual([null, null, null, null, null])
  expect(ends[2]!(KEPT)).toBeNull()
  expect(ends[6]!(WRONG)).toEqual({ state: 'in-vain', reason: 'nothing was kept of 4 episodes in a row, the last: wrong, no idea' })
})

test('what ends last may be what completes a row; a task that the teacher failed at neither counts nor breaks it', () => {
  const vain = createVain({ after: 3, of: 'row' }, [])
  const ends = Array.from({ length: 5 }, () => vain.begun())
  for (const place of [0, 4, 3]) expect(ends[place]!(WRONG)).toBeNull()
  expect(ends[1]!(FAILED)).toBeNull()
  expect(ends[2]!(WRONG)?.reason).toContain('of 4 episodes in a row')
})

test('a row that earlier starts have made is there before anything begins; one that lacks a task is not', () => {
  const whole = createVain({ after: 3, of: 'row' }, [])
  expect([KEPT, WRONG, WRONG, WRONG].map((rollout) => whole.made(rollout)?.state)).toEqual([undefined, undefined, undefined, 'in-vain'])
  const gap = createVain({ after: 3, of: 'row' }, [])
  expect([gap.made(WRONG), gap.made(WRONG)]).toEqual([null, null])
  const end = gap.begun()
  expect([gap.made(WRONG), gap.made(WRONG)]).toEqual([null, null])
  expect(end(KEPT)).toBeNull()
})

test('of all: nothing ends a batch that has kept one, and earlier episodes in vain do not count', () => {
  const counting = createVain({ after: 2, of: 'all' }, [WRONG, WRONG])
  expect([WRONG, FAILED, WRONG].map((rollout) => counting.begun()(rollout)?.state)).toEqual([undefined, undefined, 'in-vain'])
  const kept = createVain({ after: 2, of: 'all' }, [KEPT])
  expect([WRONG, WRONG, WRONG].map((rollout) => kept.begun()(rollout))).toEqual([null, null, null])
})

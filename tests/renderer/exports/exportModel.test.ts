// What is shown of exports, against figures worked out by hand.
import { expect, test } from 'vitest'
import { finishedSince, isUnderWay, progressOf, typeRows } from '../../../src/renderer/exports/exportModel.ts'
import type { ExportJob, MergedSizes } from '../../../src/shared/contract/exporting.ts'

const job = (state: ExportJob['state'], part: Partial<ExportJob> = {}): ExportJob => ({ id: 'a', run: 'r', to: 'merged-gguf', type: 'F16', path: '/x.gguf', seconds: 0, state, ...part })
const DONE: ExportJob['state'] = { type: 'done', report: { run: 'r', which: 'last', step: 3, to: 'merged-gguf', path: '/x.gguf', files: [] } }

test('a rate and the time left stand on what was written so far', () => {
  expect(progressOf(job({ type: 'running', done: 200, total: 800 }, { seconds: 4 }))).toEqual({ share: 0.25, perSecond: 50, secondsLeft: 12 })
})

test('nothing is promised before something is known', () => {
  expect(progressOf(job({ type: 'waiting' }))).toBeNull()
  expect(progressOf(job({ type: 'running', done: 0, total: 0 }, { seconds: 9 }))).toBeNull()
  expect(progressOf(job({ type: 'running', done: 1, total: 4 }, { seconds: 0.2 }))).toEqual({ share: 0.25, perSecond: 0, secondsLeft: Infinity })
})

test('only what was under way on this page and is written now is announced', () => {
  const before = [job({ type: 'running', done: 1, total: 2 }), job({ type: 'waiting' }, { id: 'b' }), job(DONE, { id: 'c' })]
  const now = [job(DONE), job({ type: 'running', done: 0, total: 0 }, { id: 'b' }), job(DONE, { id: 'c' }), job(DONE, { id: 'd' })]
  expect(finishedSince(before, now).map(({ id }) => id)).toEqual(['a'])
  expect(before.map(isUnderWay)).toEqual([true, true, false])
})

test('a row of a type says what else its matrices are, and whether there is room', () => {
  const sizes: MergedSizes['sizes'] = [
    { type: 'Q4_K', bytes: 90, tensors: { F32: 61, Q4_K: 120, Q6_K: 1, Q5_0: 89 } },
    { type: 'F32', bytes: 540, tensors: { F32: 272 } },
    { type: 'Q6_K', bytes: 95, tensors: { F32: 61, Q8_0: 30 } },
  ]
  expect(typeRows({ sizes, freeBytes: 100 })).toEqual([
    { type: 'Q4_K', bytes: 90, own: 120, others: [{ type: 'Q5_0', count: 89 }, { type: 'Q6_K', count: 1 }], tooLarge: false },
    { type: 'F32', bytes: 540, own: 272, others: [], tooLarge: true },
    { type: 'Q6_K', bytes: 95, own: 0, others: [{ type: 'Q8_0', count: 30 }], tooLarge: false },
  ])
})

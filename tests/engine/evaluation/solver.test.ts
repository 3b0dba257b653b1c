// Who works at the tasks: how many episodes of a student go on at a time, by the cores that it may use.
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { specOf } from '../../../src/engine/evaluation/index.ts'
import { openSolver } from '../../../src/engine/evaluation/solver.ts'
import { TINY_STUDENT } from '../../support/tinyRun.ts'

const SPEC = specOf({ suite: 'arith', solver: { type: 'local', student: TINY_STUDENT, adapter: null } }, { context: 64 })

async function parallel(how: { threads?: number; sideBySide?: number }): Promise<number> {
  const solver = await openSolver({ spec: await SPEC, endpointOf: () => Promise.reject(new Error('none')), signal: new AbortController().signal, ...how })
  await solver.dispose()
  return solver.parallel
}

test('each core has a context of four episodes; without a word all cores are used', async () => {
  expect(await parallel({ threads: 1 })).toBe(4)
  expect(await parallel({ threads: 2 })).toBe(8)
  // More contexts cost memory, and bring little.
  expect(await parallel({ threads: 64 })).toBe(16)
  expect(await parallel({})).toBe(4 * Math.min(4, availableParallelism()))
  expect(await parallel({ threads: 2, sideBySide: 3 })).toBe(3)
})

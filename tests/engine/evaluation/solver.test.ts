// Who works at the tasks: how many episodes of a student go on at a time, by the cores that it may use.
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specOf } from '../../../src/engine/evaluation/index.ts'
import { openSolver } from '../../../src/engine/evaluation/solver.ts'
import { temporaryFolder } from '../../support/folder.ts'
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

test('a student or an adapter that cannot be used is refused by what it was to be, before there is an evaluation', async () => {
  const folder = temporaryFolder()
  const wrong = join(folder, 'adapter.gguf')
  writeFileSync(wrong, 'no adapter')
  const refused = (student: string, adapter: string | null) => specOf({ suite: 'arith', solver: { type: 'local', student, adapter: adapter === null ? null : { path: adapter, scale: 1, run: null } } }).then(() => null, (error: unknown) => error)
  expect(await refused(TINY_STUDENT, join(folder, 'missing.gguf'))).toMatchObject({ code: 'not-usable', message: 'the adapter cannot be used', found: 'no such file', where: join(folder, 'missing.gguf') })
  expect(await refused(TINY_STUDENT, wrong)).toMatchObject({ message: 'the adapter cannot be used', found: 'no GGUF file: it begins with "no a"', expected: 'a LoRA adapter as a GGUF file' })
  expect(await refused(folder, null)).toMatchObject({ message: 'the student cannot be used', found: 'no such file' })
  expect(await refused(TINY_STUDENT, null)).toBeNull()
})

// `--families` as every command takes it that works at a suite's tasks: only those, and an unknown one is answered with those there are.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluationReportSchema } from '../../src/shared/contract/evaluating.ts'
import { teachReplySchema } from '../../src/shared/contract/rollouts.ts'
import { suiteReplySchema } from '../../src/shared/contract/suites.ts'
import { newFolder, retort, retortJson } from './support.ts'

const project = join(newFolder(), 'p')
const FAMILIES = ['t-tank', 't-buy-sell']
const ARGS = ['--families', 't-tank, t-buy-sell', '--project', project]

test('suite show: tasks of both families and of no other', async () => {
  const shown = await retortJson(suiteReplySchema, ['suite', 'show', 'arith', '--n', '8', ...ARGS])
  if (shown.action !== 'show') throw new Error(shown.action)
  expect([...new Set(shown.tasks.map(({ family }) => family))].sort()).toEqual([...FAMILIES].sort())
})

test('teach, then eval: what is made and what is measured are of these families', async () => {
  const { report } = await retortJson(teachReplySchema, ['teach', '--suite', 'arith', '--n', '4', ...ARGS])
  expect(report).toMatchObject({ state: 'finished', done: 4, kept: 4 })
  const evaluated = await retortJson(evaluationReportSchema, ['eval', '--suite', 'arith', '--expert', '--tasks', '4', ...ARGS])
  expect(evaluated.spec.tasks).toMatchObject({ families: FAMILIES })
  expect(evaluated.tasks.filter(({ task }) => !FAMILIES.includes(task.family))).toEqual([])
  expect(new Set(evaluated.tasks.map(({ task }) => task.id)).size).toBe(4)
})

test.each([
  ['suite', 'expert', 'arith'],
  ['teach', '--suite', 'arith'],
  ['eval', '--suite', 'arith', '--expert'],
])('%s: an unknown family is refused with the known ones', async (...command) => {
  const { code, stderr } = await retort([...command, '--families', 't-tank,t-tonk', '--project', project])
  expect(code).toBe(1)
  expect(stderr).toMatch(/found: t-tonk\n.*expected: some of .*t-buy-sell/)
})

test('no name at all is wrong use', async () => {
  expect(await retort(['eval', '--suite', 'arith', '--expert', '--families', ' , ', '--project', project])).toMatchObject({ code: 2, stdout: '' })
})

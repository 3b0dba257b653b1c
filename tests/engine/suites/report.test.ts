// What `retort suite` shows: the list, tasks, an expert at work.
import { expect, test } from 'vitest'
import { SUITES } from '../../../src/core/suites/index.ts'
import { systemClock } from '../../../src/engine/agent/index.ts'
import { listSuites, showTasks, tryExpert } from '../../../src/engine/suites/index.ts'
import { suiteReplySchema } from '../../../src/shared/contract/suites.ts'

const QUERY = { suite: 'arith', split: 'train', seed: 3, count: 4 } as const

test('every suite has a row', () => {
  const list = listSuites()
  expect(suiteReplySchema.parse(list)).toEqual(list)
  expect(list.suites.map(({ name }) => name)).toEqual(SUITES.map(({ name }) => name))
})

test('tasks of one family only; a family that the split lacks is refused with those that it has', async () => {
  const shown = await showTasks({ ...QUERY, families: ['t-tank'] })
  expect(suiteReplySchema.parse(shown)).toEqual(shown)
  expect(shown.tasks.map(({ family }) => family)).toEqual(['t-tank', 't-tank', 't-tank', 't-tank'])
  expect(shown.prompt).toContain('calc[expression]')
  await expect(showTasks({ ...QUERY, split: 'ood', families: ['t-tank'] })).rejects.toMatchObject({ code: 'no-family', found: 't-tank', expected: expect.stringContaining(SUITES[0]!.families.ood[0]!) as string })
})

test('the expert: counted task by task, with one episode to look at', async () => {
  const done: number[] = []
  const report = await tryExpert({ ...QUERY, settings: { recovery: 1 }, onDone: (count) => done.push(count), clock: systemClock, signal: new AbortController().signal })
  expect(suiteReplySchema.parse(report)).toEqual(report)
  expect(report).toMatchObject({ tasks: 4, solved: 4, failed: [], sample: { id: 'arith/train/3/0' } })
  expect(done).toEqual([1, 2, 3, 4])
  expect(report.steps).toBeGreaterThan(report.calls)
  expect(report.sample!.turns.at(-1)!.text).toContain('finish[')
  const controller = new AbortController()
  controller.abort()
  await expect(tryExpert({ ...QUERY, settings: {}, onDone: () => undefined, clock: systemClock, signal: controller.signal })).rejects.toThrow()
})

// Batches that grow: what ends them is counted by task, and what took all its time is not paid for at each growth.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import { createBatch, episodesPath, writeBatch } from '../../../src/engine/teaching/batch.ts'
import { batchOf } from '../../../src/engine/teaching/batches.ts'
import { growBatch, resumeBatch } from '../../../src/engine/teaching/index.ts'
import { makeRollouts } from '../../../src/engine/teaching/makeRollouts.ts'
import type { Rollout } from '../../../src/shared/records/rollout.ts'
import { endpointOf, openedProject, request, SEED, watch } from '../../support/batches.ts'
import { fakeTeacher, type TeacherRequest } from '../../support/fakeTeacher.ts'

const TASKS = Array.from({ length: 40 }, (_, index) => suiteNamed('arith').problem({ split: 'train', seed: SEED, index }).task)
const taskOf = ({ messages }: TeacherRequest) => TASKS.find(({ question }) => messages.some(({ content }) => content.startsWith(question)))!
const outcomes = (rollouts: readonly Rollout[]) => rollouts.map(({ task, rejected }) => [task.index, rejected])

test('a slow right one between quick wrong ones breaks their row; a row that is there costs nothing more', async () => {
  let goOn = (): void => undefined
  const reached = new Promise<void>((resolve) => (goOn = resolve))
  const fake = await fakeTeacher(async (asked) => {
    const { index, answer } = taskOf(asked)
    if (index === 6) goOn()
    if (index === 3) await reached
    return { text: `Action: finish[${index === 3 ? answer : 'no idea'}]` }
  })
  const project = openedProject()
  const growing = { request: request(endpointOf(fake.baseUrl), { tasks: 40, traffic: { concurrency: 2, tries: 1 } }), mostInVain: 5 }
  const { report, rollouts } = await growBatch(project, growing, watch())
  expect(report).toMatchObject({ state: 'in-vain', kept: 1, reason: expect.stringContaining('episodes in a row, the last: wrong') as string })
  expect(outcomes(rollouts).slice(0, 9)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) => [index, index === 3 ? null : 'wrong']))
  const asked = fake.seen.length
  expect(asked).toBe(rollouts.length)
  const again = await growBatch(project, { ...growing, request: { ...growing.request, tasks: 4 } }, watch())
  expect(again.report).toMatchObject({ state: 'in-vain', done: report.done, kept: 1, usage: { requests: report.usage.requests, replayed: 0 } })
  expect(outcomes(again.rollouts)).toEqual(outcomes(rollouts))
  expect(fake.seen).toHaveLength(asked)
})

test('time that is over counts as done for whoever grows a batch, even at all of its tasks; who resumes one asks again', async () => {
  const fake = await fakeTeacher(() => ({ text: 'Action: finish[1]', afterMs: 60_000 }))
  const project = openedProject()
  const { batch: made, folder } = createBatch(project.folder, batchOf(request(endpointOf(fake.baseUrl), { tasks: 2 })))
  // Episodes of a batch have half an hour.
  const batch = { ...made, settings: { ...made.settings, limits: { ...made.settings.limits, seconds: 5 } } }
  writeBatch(folder, batch)
  const teacher = { type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' } as const
  const grow = () => makeRollouts({ project, batch, folder, teacher, late: 'done' }, watch())
  expect(await grow()).toMatchObject({ state: 'finished', reason: null, done: 2, rejections: [{ reason: 'time', count: 2 }] })
  expect(await grow()).toMatchObject({ state: 'finished', done: 2 })
  expect(fake.seen).toHaveLength(2)
  expect(await resumeBatch(project, { id: batch.id, budget: undefined, find: async () => teacher }, watch())).toMatchObject({ state: 'failed', reason: expect.stringContaining('time was over in 2 of 2 episodes') as string })
  expect(fake.seen).toHaveLength(4)
})

test('a batch that grows makes its new tasks alone: one whose time was over stays as it is', async () => {
  const fake = await fakeTeacher((asked) => ({ text: `Action: finish[${taskOf(asked).answer}]` }))
  const project = openedProject()
  const wish = request(endpointOf(fake.baseUrl), { tasks: 2 })
  const { report: { folder } } = await growBatch(project, { request: wish, mostInVain: 5 }, watch())
  const path = episodesPath(folder)
  const [first, second] = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Rollout).sort((a, b) => a.task.index - b.task.index)
  writeFileSync(path, [{ ...first, rejected: 'time', detail: 'no end within 1800 s', trajectory: null }, second].map((rollout) => `${JSON.stringify(rollout)}\n`).join(''))
  // Else the journal would answer.
  rmSync(join(folder, '..', 'requests.jsonl'))
  const { report, rollouts } = await growBatch(project, { request: { ...wish, tasks: 3 }, mostInVain: 5 }, watch())
  expect(outcomes(rollouts)).toEqual([[0, 'time'], [1, null], [2, null]])
  expect(report).toMatchObject({ state: 'finished', done: 3, kept: 2, rejections: [{ reason: 'time', count: 1 }] })
  expect(fake.seen.map(taskOf).map(({ index }) => index).slice(2)).toEqual([2])
})

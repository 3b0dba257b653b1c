// Ladders over the contract: one that has nothing to train to its report, one whose rungs fail, and what is refused.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LadderJob, LadderWish } from '../../../src/shared/contract/evaluating.ts'
import { ladderArmSchema } from '../../../src/shared/records/ladder.ts'
import { fakeTeacher } from '../../support/fakeTeacher.ts'
import { createEvaluation, specOf } from '../../../src/engine/evaluation/index.ts'
import { writeEvaluation } from '../../../src/engine/evaluation/folder.ts'
import { goldenPath } from '../../support/golden.ts'
import { testService } from '../../support/testService.ts'

const STUDENT = goldenPath('tiny/llama_tied.gguf')
const arm = (name: string, more: object = {}) => ladderArmSchema.parse({ name, title: name, ...more })
const wish = (arms: NonNullable<LadderWish['arms']>, more: Partial<LadderWish> = {}): LadderWish => ({ suite: 'arith', student: STUDENT, tokens: 1, tasks: 1, arms, ...more })

async function opened() {
  const { client, home } = testService()
  const project = join(home, 'p')
  await client.projects.open({ folder: project, create: true })
  const ended = async (): Promise<LadderJob> => {
    for await (const { job } of await client.evaluations.ladders.watch({ project })) if (job && job.state.type !== 'running') return job
    throw new Error('the job did not end')
  }
  return { client, ladders: client.evaluations.ladders, project, ended }
}

test('from start to report, listed, and removed', async () => {
  const { ladders, project, ended } = await opened()
  const { id } = await ladders.start({ project, wish: wish([arm('first', { notApplicable: 'there is no first' })]) })
  expect(await ended()).toMatchObject({ id, state: { type: 'done', report: { id, state: 'finished', rungs: [{ arm: 'first', state: 'not-applicable' }] } } })
  await ladders.dismiss({ project, id })
  expect(await ladders.list({ project })).toMatchObject([{ id, state: 'finished' }])
  const { markdown, charts } = await ladders.report({ project, id })
  expect(markdown).toContain('| first | not applicable: there is no first |')
  expect(charts.map(({ name }) => name)).toEqual(['ladder-arith.svg'])
  const folder = join(project, 'ladders', id)
  expect(readdirSync(join(folder, 'report')).sort()).toEqual(['ladder-arith.csv', 'ladder-arith.md', 'ladder-arith.svg'])
  await ladders.discard({ project, id })
  expect(existsSync(folder)).toBe(false)
  await expect(ladders.read({ project, id })).rejects.toMatchObject({ data: { code: 'no-ladder' } })
  await expect(ladders.read({ project, id: '../p' })).rejects.toMatchObject({ data: { code: 'no-ladder' } })
})

test('a rung that fails does not end the ladder, and is tried again when it goes on', async () => {
  const { ladders, project, ended } = await opened()
  const train = { data: { form: 'agent' } }
  const { id } = await ladders.start({ project, wish: wish([arm('sft', { train }), arm('vote', { like: 'sft' }), arm('none', { notApplicable: 'so' })]) })
  const { state } = await ended()
  if (state.type !== 'done') throw new Error(`expected an end, found ${JSON.stringify(state)}`)
  expect(state.report.state).toBe('failed')
  expect(state.report.rungs.map((rung) => [rung.arm, rung.state, rung.error?.code ?? null])).toEqual([
    ['sft', 'failed', expect.any(String)], ['vote', 'failed', 'rung-missing'], ['none', 'not-applicable', null],
  ])
  await ladders.resume({ project, id })
  expect(await ended()).toMatchObject({ id })
})

test('rungs that name themselves badly are refused before anything is made', async () => {
  const { ladders, project } = await opened()
  const train = { data: { form: 'agent' as const } }
  const refused = async (arms: NonNullable<LadderWish['arms']>, more: Partial<LadderWish> = {}): Promise<string> => {
    const error: unknown = await ladders.start({ project, wish: wish(arms, more) }).then(() => null, (reason: unknown) => reason)
    return (error as { data: { code: string; found: string } }).data.found
  }
  expect(await refused([arm('a'), arm('a')])).toBe('two rungs named a')
  expect(await refused([arm('b', { like: 'a' })])).toBe('b is like a')
  expect(await refused([arm('a', { train }), arm('b', { like: 'a', train })])).toBe('b is trained, and like a')
  expect(await refused([arm('a')], { only: ['c'] })).toBe('c')
  expect(await refused([arm('a')], { seeds: [1, 2, 1] })).toBe('seeds 1, 2, 1')
  expect(await refused([arm('a')], { splits: ['ood', 'ood'] })).toBe('splits ood, ood')
  expect(await refused([arm('a')], { only: ['a', 'a'] })).toBe('only a, a')
  expect(await ladders.list({ project })).toEqual([])
})

test('a page knows which rungs a suite has, and which only a teacher has that is a model', async () => {
  const { client } = await opened()
  const suites = await client.evaluations.suites({})
  const names = (suite: string, byModel: boolean) => suites.find(({ name }) => name === suite)!.rungs.filter((rung) => rung.byModel === byModel).map(({ name }) => name)
  expect([names('arith', false), names('arith', true)]).toEqual([['prompt', 'cot', 'sft', 'sad', 'sft+sag'], ['first-thought']])
  expect([names('household', false), names('household', true)]).toEqual([['prompt', 'sft', 'sad', 'sft+sag'], ['first-thought']])
})

test('a page is told how long a ladder would take, and nothing where nothing was measured', async () => {
  const { ladders, project } = await opened()
  const asked = wish([arm('prompt')])
  expect(await ladders.forecast({ project, wish: asked })).toBeNull()
  const id = '20260101-100000-0001'
  const solver = { type: 'local' as const, student: STUDENT, adapter: null }
  const evaluation = await createEvaluation(project, await specOf({ suite: 'arith', tasks: 8, solver }))
  const summary = { ...evaluation.summary, tasks: 8, seconds: 3 }
  writeEvaluation(project, { ...evaluation, id, summary })
  expect(await ladders.forecast({ project, wish: asked })).toEqual({ low: 6, high: 6, rungs: 1, unknown: [], basis: { trainings: 0, evaluations: 1 }, teaching: false })
})

test('a provider of the settings teaches: with its key, within a budget that can be raised, and its key is in no file', async () => {
  const key = 'sk-planted-1623'
  let refuses = true
  const fake = await fakeTeacher(() => (refuses ? { type: 'refuse', status: 401 } : { text: 'Action: finish[?]' }))
  const { client, ladders, project, ended } = await opened()
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [] })
  await client.chat.providers.setKey({ id: 'fake', key })
  const teaching = { teacher: { type: 'endpoint' as const, provider: 'fake', model: 'm' }, budget: { cost: null, tokens: 1 }, traffic: { concurrency: 1, tries: 1 } }
  const rungs = [arm('sft', { train: { data: { form: 'agent' } } })]
  const failure = async (): Promise<unknown> => {
    const { state } = await ended()
    if (state.type !== 'done') throw new Error(`expected an end, found ${JSON.stringify(state)}`)
    return state.report.rungs[0]!.error?.code
  }
  await expect(ladders.start({ project, wish: wish(rungs), teaching: { ...teaching, budget: { cost: 1, tokens: null } } })).rejects.toMatchObject({ data: { code: 'no-prices' } })
  const { id } = await ladders.start({ project, wish: wish(rungs), teaching })
  expect(await failure()).toBe('budget-reached')
  expect(fake.seen).toEqual([])
  await ladders.resume({ project, id, budget: { cost: null, tokens: 1_000_000 } })
  expect(await failure()).toBe('teacher-failed')
  expect(fake.seen.map(({ headers }) => headers.authorization)).toEqual(fake.seen.map(() => `Bearer ${key}`))
  refuses = false
  await ladders.resume({ project, id })
  expect(await failure()).toBe('no-data')
  // It is not asked for ever.
  const { taught, error } = (await ladders.read({ project, id })).rungs[0]!
  expect(taught).toMatchObject({ episodes: 50, kept: 0, rejections: [{ reason: 'wrong', count: 50 }] })
  expect(error!.found).toContain('of 50 episodes of the teacher 0 kept, 50 wrong')
  const files = readdirSync(project, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.filter((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1').includes(key))).toEqual([])
})

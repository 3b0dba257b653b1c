// Rollouts and askings over the contract: a batch of the expert from start to list, a provider with a key that stays in the keychain.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import type { RolloutJob } from '../../../src/shared/contract/rollouts.ts'
import { fakeTeacher } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testService } from '../../support/testService.ts'

type Client = ReturnType<typeof testService>['client']

async function ended(client: Client, project: string): Promise<RolloutJob> {
  for await (const { job } of await client.rollouts.watch({ project })) if (job && job.state.type !== 'running') return job
  throw new Error('the job did not end')
}

const reportOf = ({ state }: RolloutJob) => {
  if (state.type !== 'done') throw new Error(`expected a report, found ${JSON.stringify(state)}`)
  return state.report
}

test('the expert at work: estimate, start, watch, list, one episode, its slips labelled', async () => {
  const { client } = testService()
  const project = join(temporaryFolder(), 'p')
  await client.projects.open({ folder: project, create: true })
  const rollouts = { suite: 'arith' as const, teacher: { type: 'expert' as const, settings: { recovery: 1 } }, tasks: 2, seed: 4 }
  expect(await client.rollouts.estimate({ project, rollouts })).toMatchObject({ episodes: 2, cost: 0 })
  const { id } = await client.rollouts.start({ project, rollouts })
  await expect(client.rollouts.start({ project, rollouts })).rejects.toMatchObject({ data: { code: 'rollouts-busy' } })
  const report = reportOf(await ended(client, project))
  expect(report).toMatchObject({ state: 'finished', kept: 2, usage: { cost: 0, promptTokens: 0 } })
  expect(report.usage.requests).toBeGreaterThan(3)
  await client.rollouts.dismiss({ project, id })
  expect(await client.rollouts.list({ project })).toMatchObject([{ batch: { id: report.batch }, state: 'finished', kept: 2, teacher: 'expert of arith' }])
  const { total, episodes } = await client.rollouts.episodes({ project, batch: report.batch, offset: 0, limit: 5 })
  expect(total).toBe(2)
  const slipped = episodes.find(({ slips }) => slips.length > 0)!
  const { shown } = await client.trajectories.open({ project, id: slipped.trajectory!.id })
  const labels = shown.turns.map(({ label }) => label)
  const agents = shown.turns.flatMap(({ role }, index) => (role === 'agent' ? [index] : []))
  for (const slip of slipped.slips) {
    expect(labels[slip]).toBe('mistake')
    expect(labels[agents[agents.indexOf(slip) + 1]!]).toBe('recover')
  }
  expect((await client.trajectories.journalState({ project })).undo).toMatchObject({ title: `Slips of the expert in ${report.batch}` })
})

test('a provider of the settings: budget, going on, asking at a step; its key is in no file', async () => {
  const key = 'sk-planted-0815'
  const { client, home } = testService()
  const arith = suiteNamed('arith')
  const { question, answer } = arith.problem({ split: 'train', seed: 0, index: 0 }).task
  // Asked again, it says it in other words.
  const fake = await fakeTeacher(({ messages }, number) => ({ text: `${number < 2 ? '' : 'Thought: It is so.\n'}Action: finish[${messages.some(({ content }) => content === question) ? answer : '?'}]` }))
  const project = join(home, 'p')
  await client.projects.open({ folder: project, create: true })
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [] })
  await client.chat.providers.setKey({ id: 'fake', key })
  const teacher = { type: 'endpoint' as const, provider: 'fake', model: 'm' }
  const rollouts = { suite: 'arith' as const, teacher, tasks: 2, traffic: { concurrency: 1 } }
  await expect(client.rollouts.start({ project, rollouts: { ...rollouts, teacher: { ...teacher, provider: 'other' } } })).rejects.toMatchObject({ data: { code: 'no-such-provider' } })
  await client.rollouts.start({ project, rollouts: { ...rollouts, budget: { cost: null, tokens: 10 } } })
  const poor = reportOf(await ended(client, project))
  expect(poor).toMatchObject({ state: 'budget', done: 0 })
  expect(fake.seen).toHaveLength(0)
  await client.rollouts.resume({ project, batch: poor.batch, budget: { cost: null, tokens: null } })
  const report = reportOf(await ended(client, project))
  expect(report).toMatchObject({ state: 'finished', done: 2, kept: 1, rejections: [{ reason: 'wrong', count: 1 }] })
  expect(fake.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${key}`, `Bearer ${key}`])

  const { episodes } = await client.rollouts.episodes({ project, batch: report.batch, offset: 0, limit: 5 })
  const id = episodes.find(({ rejected }) => rejected === null)!.trajectory!.id
  const asking = { project, id, teacher, settings: { step: 0, n: 1 } }
  expect(await client.asking.expert({ project, id })).toEqual({ expert: { suite: 'arith', seed: 0 } })
  expect(await client.asking.estimate(asking)).toMatchObject({ requests: 1, cost: null })
  const events = []
  for await (const event of await client.asking.ask(asking)) events.push(event)
  expect(events.map(({ type }) => type)).toEqual(['continuation', 'asked'])
  const [asked] = await client.asking.list({ project, id })
  await client.asking.accept({ project, asked: asked!.id, continuation: 0 })
  expect(await client.asking.preferences({ project })).toHaveLength(1)

  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(5)
  expect(files.filter((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1').includes(key)).map(({ name }) => name)).toEqual([])
})

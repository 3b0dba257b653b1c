// Teachers' files through the service: made without a page, by a model here and by a provider, followed, refused twice, listed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TeachJob } from '../../../src/shared/contract/teaching.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'
import { jsonEndpoint } from '../../support/jsonEndpoint.ts'
import { testService } from '../../support/testService.ts'
import { chat } from '../store/records.ts'

const TINY = goldenPath('tiny/llama_tied.gguf')
type Client = ReturnType<typeof testService>['client']

async function begun() {
  const { client } = testService()
  const project = join(temporaryFolder(), 'p')
  await client.projects.open({ folder: project, create: true })
  const file = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(file, [chat('which river?', 'river'), chat('which queen?', 'queen')].join('\n'))
  const { id } = await client.trajectories.imports.start({ project, paths: [file] })
  for await (const { job } of await client.trajectories.imports.watch({ project })) if (job?.id === id && job.state.type !== 'running') break
  return { client, project }
}

async function end(client: Client, project: string): Promise<TeachJob> {
  for await (const { job } of await client.teachers.watch({ project })) if (job && job.state.type !== 'running') return job
  throw new Error('the stream ended')
}

async function jobNow(client: Client, project: string): Promise<string | undefined> {
  for await (const { job } of await client.teachers.watch({ project })) return job?.id
  return undefined
}

test('a local teacher: progress with its coverage, a report that stays until it was seen, a row in the list', async () => {
  const { client, project } = await begun()
  expect(await client.teachers.list({ project })).toEqual([])
  const wanted = { project, student: TINY, teacher: { type: 'local' as const, path: TINY }, top: 4 }
  const { id } = await client.teachers.start(wanted)
  await expect(client.teachers.start(wanted)).rejects.toMatchObject({ data: { code: 'teach-busy' } })
  const seen: TeachJob[] = []
  for await (const { job } of await client.teachers.watch({ project })) {
    if (job) seen.push(job)
    if (job && job.state.type !== 'running') break
  }
  const last = seen.at(-1)!
  if (last.state.type !== 'done') throw new Error(JSON.stringify(last))
  const { report } = last.state
  expect(report).toMatchObject({ k: 4, tokens: report.of, scored: report.of, left: [] })
  expect(report.of).toBeGreaterThan(10)
  expect(seen.some(({ state }) => state.type === 'running' && state.progress?.total === 2 && state.progress.teacher === 'llama_tied.gguf')).toBe(true)
  expect(await client.teachers.list({ project })).toEqual([
    expect.objectContaining({ path: report.path, name: expect.stringMatching(/^llama_tied\.student\.top4\.[0-9a-f]{8}\.topk$/) as unknown, problem: null, holds: expect.objectContaining({ label: report.label, k: 4, context: 'student', tokens: report.of, overlap: null }) as unknown }),
  ])
  expect(await end(client, project)).toEqual(last)
  await client.teachers.dismiss({ project, id })
  for await (const { job } of await client.teachers.watch({ project })) {
    expect(job).toBeNull()
    break
  }
  // Another number of tokens is another file, the same one goes on.
  for (const top of [2, 4]) {
    await client.teachers.start({ ...wanted, top })
    const { state } = await end(client, project)
    expect(state).toMatchObject({ type: 'done', report: { k: top, scored: top === 4 ? 0 : report.of } })
    await client.teachers.dismiss({ project, id: (await jobNow(client, project))! })
  }
  writeFileSync(join(project, 'teachers', 'broken.topk'), 'no such thing as that')
  expect((await client.teachers.list({ project })).find(({ name }) => name === 'broken.topk')).toMatchObject({ holds: null, problem: expect.stringContaining('RTKD') as unknown })
})

test('a provider that scores no prompts fails with what it said; one that is silent is cancelled, and leaves no job', async () => {
  const { client, project } = await begun()
  const endpoint = await jsonEndpoint({})
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: endpoint.baseUrl, models: [] })
  const wanted = { project, student: TINY, teacher: { type: 'endpoint' as const, provider: 'fake', model: 'm' } }
  await expect(client.teachers.start({ ...wanted, teacher: { ...wanted.teacher, provider: 'none' } })).rejects.toMatchObject({ data: { code: 'no-such-provider' } })
  await client.teachers.start(wanted)
  expect(await end(client, project)).toMatchObject({ state: { type: 'failed', error: { code: 'no-prompt-logprobs' } } })
  endpoint.fail({ type: 'silent' })
  const { id } = await client.teachers.start(wanted)
  await client.teachers.cancel({ project, id })
  for await (const { job } of await client.teachers.watch({ project })) {
    expect(job).toBeNull()
    break
  }
})

// `retort curate`: its settings as typed, and one funnel from the command line.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { curationSettings } from '../../src/cli/curationSettings.ts'
import { curateReportSchema } from '../../src/shared/contract/curating.ts'
import { importReportSchema } from '../../src/shared/contract/importing.ts'
import type { CommandContext } from '../../src/cli/command.ts'
import { curate } from '../../src/cli/commands/curate.ts'
import { parseCommand } from '../../src/cli/parse.ts'
import { curationFilterSchema } from '../../src/shared/records/curation.ts'
import { fakeTeacher } from '../support/fakeTeacher.ts'
import { newFolder, retort, retortJson } from './support.ts'

const given = (set?: string, filters: { only?: string; without?: string } = {}) => curationSettings({ only: filters.only, without: filters.without, set })

test('filters and settings as they are typed', () => {
  expect(given(undefined, { only: 'loops,schema' }).order).toEqual(['loops', 'schema'])
  expect(given(undefined, { without: 'judge, capacity' }).order).toHaveLength(10)
  const settings = given('loops.window=5, duplicates.similarity=0.9,schema.answer=no,rejects.steps=12,capacity.per=method,secrets.reject=key+email,mixture.sources.a.b.jsonl=0.25,mixture.sources.c=1')
  expect([settings.loops.window, settings.duplicates.similarity, settings.schema.answer, settings.rejects.steps, settings.capacity.per]).toEqual([5, 0.9, false, 12, 'method'])
  expect(settings.secrets.reject).toEqual(['key', 'email'])
  expect(settings.mixture.sources).toEqual({ 'a.b.jsonl': 0.25, c: 1 })
  expect(given('rejects.steps=none,secrets.flag=none')).toMatchObject({ rejects: { steps: null }, secrets: { flag: [] } })
})

test.each([
  ['loops.windw=5', 'loops.windw'], ['loop.window=5', 'loop.window'], ['loops.window', 'loops.window'], ['order=x', 'order'],
])('%s is refused by name', (set, found) => expect(() => given(set)).toThrow(expect.objectContaining({ code: 'usage', found: expect.stringContaining(found) as unknown }) as Error))

test.each([
  ['duplicates.similarity=2', 'duplicates.similarity: 2', 'duplicates.similarity: a number from 0.5 to 1'],
  ['loops.window=0', 'loops.window: 0', 'loops.window: a whole number from 1'],
  ['loops.window=1.5', 'loops.window: 1.5', 'loops.window: a whole number from 1'],
  ['rejects.steps=many', 'rejects.steps: many', 'rejects.steps: a whole number from 1 or none'],
  ['capacity.most=0', 'capacity.most: 0', 'capacity.most: a number above 0 or none'],
  ['critic.ask=maybe', 'critic.ask: maybe', 'critic.ask: yes or no'],
  ['critic.mistakes=no', 'critic.mistakes: false', 'critic.mistakes: one of allow, recovered, reject'],
  ['secrets.reject=key+keys', 'secrets.reject: keys', 'secrets.reject: one of key, private-key, card, card-form, email, phone, ip, home-path'],
  ['mixture.methods.react=3', 'mixture.methods.react: 3', 'mixture.methods.react: a number from 0 to 1'],
  ['mixture.methods.react=0', 'mixture.methods: {"react":0}', 'at least one share must be above 0'],
])('%s is refused with what was found and what may be', (set, found, expected) => {
  expect(() => given(set)).toThrow(expect.objectContaining({ code: 'usage', where: 'retort curate --set', found, expected }) as Error)
})

test('help says of each filter what it rejects', () => {
  for (const name of curationFilterSchema.options) expect(curate.details, name).toMatch(new RegExp(`^  ${name} +[a-z].{20}`, 'm'))
})

test('an unknown filter is refused with those there are', () => {
  expect(() => given(undefined, { only: 'loops,length,size' })).toThrow(expect.objectContaining({ code: 'usage', found: 'size' }) as Error)
})

const folder = newFolder()

test('a funnel, applied', async () => {
  const file = join(folder, 'a.jsonl')
  const output = (reward: string): string => `Thought: I look.\nAction: search[x ${reward}]\nObservation: found\nThought: so.\nAction: finish[yes]\nObservation: Episode finished, reward = ${reward}\n`
  writeFileSync(file, ['True', 'False'].map((reward) => JSON.stringify({ instruction: `q ${reward}`, input: '', output: output(reward) })).join('\n'))
  const project = join(folder, 'p')
  await retortJson(importReportSchema, ['import', file, '--project', project])
  const report = await retortJson(curateReportSchema, ['curate', '--project', project, '--set', 'contamination.suiteTasks=0', '--apply'])
  expect(report).toMatchObject({ trajectories: 2, kept: 1, applied: { rejected: 1, released: 0 } })
  expect(report.rows.find(({ filter }) => filter === 'outcome')).toMatchObject({ in: 2, out: 1, reasons: [{ reason: 'the source says it failed', count: 1 }] })
})

test('a judge with a budget: what it cost, what it did not judge, and nothing applied that was not judged', async () => {
  const fake = await fakeTeacher(() => ({ text: '{"score": 2, "why": "thin"}', tokens: 400, promptTokens: 100 }))
  const judge = ['curate', '--project', join(folder, 'p'), '--only', 'judge', '--endpoint', fake.baseUrl, '--model', 'm', '--price-in', '1', '--price-out', '10', '--concurrency', '1']
  const budget = (cost: string): string[] => [...judge, '--budget', cost, '--apply']
  const estimate = await retort([...judge, '--estimate'])
  expect(estimate).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 requests: about \d+ tokens read, 120 written, cost .*; at most .*\nfrom .*\n$/) as unknown })
  expect(fake.seen).toHaveLength(0)

  const stopped = await retort(budget('0.007'))
  expect(fake.seen).toHaveLength(1)
  expect(stopped.code).toBe(1)
  expect(stopped.stdout).toContain('1 judged, 1 not judged; 1 request, 100 tokens read, 400 written (cost 0.0041 in the currency of the prices)')
  expect(stopped.stdout).toMatch(/the budget leaves no room for another request.*at most 0\.007/)
  expect(stopped.stdout).toContain('not applied')
  expect(stopped.stdout).not.toMatch(/^applied/m)

  const whole = await retort(budget('1'))
  expect(fake.seen).toHaveLength(2)
  expect(whole.code).toBe(0)
  expect(whole.stdout).toContain('2 judged; 1 request, 100 tokens read, 400 written (cost 0.0041 in the currency of the prices), 1 answer from the journal')
  expect(whole.stdout).toContain('of this judge, in all curations of the project: 2 requests, 1000 tokens (cost 0.0082')
  expect(whole.stdout).toMatch(/^applied: [12] newly rejected/m)
})

test.each([
  [['--estimate'], '--estimate without --endpoint'],
  [['--estimate', '--apply', '--endpoint', 'http://localhost:1/v1', '--model', 'm'], '--estimate with --apply or --release'],
  [['--protocol', 'anthropic', '--budget', '1'], '--protocol, --budget without --endpoint'],
  [['--endpoint', 'http://localhost:1/v1'], '--endpoint without --model'],
])('%s is refused', async (args, found) => {
  const { options, args: positionals } = parseCommand(curate, args)
  const context = { args: positionals, project: '/none', cwd: '/', engine: {}, out: { json: false } } as unknown as CommandContext
  await expect(async () => curate.execute(options, context)).rejects.toMatchObject({ code: 'usage', where: 'retort curate', found })
})

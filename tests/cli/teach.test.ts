// `retort teach`: killed in the middle of two hundred requests, it goes on without asking anything twice; a key is in none of its files.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteNamed } from '../../src/core/suites/index.ts'
import { teachReplySchema } from '../../src/shared/contract/rollouts.ts'
import { fakeTeacher } from '../support/fakeTeacher.ts'
import { finished, newFolder, retort, retortJson, startRetort } from './support.ts'

const [killed, keyed] = [newFolder(), newFolder()]
const SEED = 3
const TASKS = 100
const CONCURRENCY = 8

test('SIGKILL in the middle of 200 requests: every one reaches the server once, but those that were open', async () => {
  const arith = suiteNamed('arith')
  const answers = new Map(Array.from({ length: TASKS }, (_, index) => arith.problem({ split: 'train', seed: SEED, index }).task).map(({ question, answer }) => [question, answer!] as const))
  let kill: (() => void) | null = null
  /** Requests that the killed process had no answer to. */
  const open = new Set<string>()
  const fake = await fakeTeacher(({ body, messages }, number) => {
    open.add(JSON.stringify(body))
    if (number === 97) kill?.()
    const spoken = messages.filter(({ role }) => role === 'assistant').length
    return { text: spoken === 0 ? 'Thought: I try.\nAction: calculator[1 + 1]' : `Action: finish[${answers.get(messages.find(({ content }) => answers.has(content))!.content)}]`, afterMs: 5 }
  })
  const project = join(killed, 'p')
  const args = ['teach', '--suite', 'arith', '--n', String(TASKS), '--seed', String(SEED), '--teacher', fake.baseUrl, '--model', 'm', '--concurrency', String(CONCURRENCY), '--project', project]
  const child = startRetort(args)
  kill = () => child.kill('SIGKILL')
  const { code } = await finished(child)
  expect(code).toBeNull()
  kill = null
  const [batch] = readdirSync(join(project, 'rollouts'))
  const journal = readFileSync(join(project, 'rollouts', batch!, 'requests.jsonl'), 'utf8').split('\n').slice(0, -1)
  const asked = journal.filter((line) => line.startsWith('{"type":"asked"')).length
  const answered = journal.filter((line) => line.startsWith('{"type":"answered"')).length
  const lost = asked - answered
  expect(lost).toBeGreaterThan(0)
  expect(lost).toBeLessThanOrEqual(CONCURRENCY)

  const { report } = await retortJson(teachReplySchema, ['teach', '--resume', batch!, '--project', project])
  expect(report).toMatchObject({ state: 'finished', done: TASKS, kept: TASKS, rejected: 0, lost })
  const times = new Map<string, number>()
  for (const { body } of fake.seen) times.set(JSON.stringify(body), (times.get(JSON.stringify(body)) ?? 0) + 1)
  expect(times.size).toBe(2 * TASKS)
  // An intent that was written may not have left the process: at most the lost ones came twice.
  const twice = [...times.values()].filter((count) => count > 1)
  expect(twice.length).toBeLessThanOrEqual(lost)
  expect(Math.max(...times.values())).toBeLessThanOrEqual(2)
  // The lost ones are counted, at the most that they may have cost.
  expect(report!.usage).toMatchObject({ requests: 2 * TASKS + lost, assumed: lost })
}, 180_000)

test('a key of the environment is sent, and is in no file, log or document', async () => {
  const key = 'sk-planted-4711-do-not-keep'
  const fake = await fakeTeacher((_, number) => (number === 0 ? { type: 'refuse', status: 401, body: JSON.stringify({ error: { message: `bad key ${key}` } }) } : { text: 'Action: finish[1]' }))
  const { code, stdout, stderr } = await retort(
    ['teach', '--suite', 'arith', '--n', '2', '--concurrency', '1', '--teacher', fake.baseUrl, '--model', 'm', '--key-env', 'PLANTED', '--logprobs', '2', '--project', join(keyed, 'p'), '--json'],
    { PLANTED: key, RETORT_HOME: join(keyed, 'home') },
  )
  expect(code).toBe(1)
  expect(fake.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${key}`, `Bearer ${key}`])
  expect(stdout + stderr).toContain('model-failed')
  const files = readdirSync(keyed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect(texts.some((text) => text.includes('bad key [key]'))).toBe(true)
  expect([stdout, stderr, ...texts].filter((text) => text.includes(key))).toEqual([])
})

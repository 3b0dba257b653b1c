// `retort ladder --teacher URL`, killed while its teacher is at work: it goes on without paying for an answer twice.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteNamed } from '../../src/core/suites/index.ts'
import { ladderReportSchema } from '../../src/shared/contract/evaluating.ts'
import { fakeTeacher } from '../support/fakeTeacher.ts'
import { familyModel } from '../support/familyModel.ts'
import { finished, newFolder, retortJson, startRetort } from './support.ts'

const folder = newFolder()
const CONCURRENCY = 2

test('SIGKILL while the teacher works: every request reaches it once, but those that were open', async () => {
  const arith = suiteNamed('arith')
  const answers = Array.from({ length: 60 }, (_, index) => arith.problem({ split: 'train', seed: 1001, index }).task)
  let kill: (() => void) | null = null
  const fake = await fakeTeacher(({ messages }, number) => {
    if (number === 9) kill?.()
    const { answer } = answers.find(({ question }) => messages.some(({ content }) => content.includes(question)))!
    return { text: messages[0]!.content === arith.cotPrompt ? `One step.\n\nAnswer: ${answer}` : `Action: finish[${answer}]`, afterMs: 5 }
  })
  const [student, tasks, project] = [join(folder, 'student.gguf'), join(folder, 'tasks.json'), join(folder, 'p')]
  writeFileSync(student, familyModel({ architecture: 'llama', sizes: { context: 2048, layers: 1, width: 32, heads: 2, kvHeads: 1, inner: 32 } }))
  writeFileSync(tasks, JSON.stringify([{ question: 'What is two and two?', answer: '4' }]))
  const child = startRetort([
    'ladder', '--suite', 'arith', '--student', student, '--only', 'first-thought', '--tokens', '2500', '--tasks-file', tasks, '--context', '700',
    '--teacher', fake.baseUrl, '--model', 'm', '--prefill', 'flag', '--concurrency', String(CONCURRENCY), '--project', project,
  ])
  kill = () => child.kill('SIGKILL')
  expect((await finished(child)).code).toBeNull()
  kill = null
  const [id] = readdirSync(join(project, 'ladders'))
  const { ladder } = await retortJson(ladderReportSchema, ['ladder', '--resume', id!, '--project', project])
  const [rung] = ladder.rungs
  expect(rung).toMatchObject({ arm: 'first-thought', state: 'done', error: null })
  const bodies = fake.seen.map(({ body }) => JSON.stringify(body))
  const once = new Set(bodies).size
  expect(once).toBe(2 * rung!.taught!.episodes)
  expect(bodies.length - once).toBeLessThanOrEqual(CONCURRENCY)
  // What was open when it was killed counts at the most that it may have cost.
  const { requests, assumed } = rung!.taught!.usage
  expect(requests).toBe(once + assumed)
  expect(assumed).toBeGreaterThan(0)
  expect(assumed).toBeLessThanOrEqual(CONCURRENCY)
}, 120_000)

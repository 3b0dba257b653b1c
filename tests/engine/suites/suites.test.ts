// Suites on this machine: tools that share what they can, and problems from files as their data sets count them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Kit, openKit } from '../../../src/core/agent/index.ts'
import { type Article, type Problem, sameWords, type Suite } from '../../../src/core/suites/index.ts'
import { datasetProblems, openSuiteTools } from '../../../src/engine/suites/index.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { haveShared, sharedPath } from '../../support/shared.ts'

const SIGNAL = new AbortController().signal
const said = async (kit: Kit, tool: number, value: unknown): Promise<string> => (await kit.run(tool, value, { signal: SIGNAL })).text

test('search finds in the articles it is given, and each kit has its own place', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const articles: Article[] = [{ title: 'Elm', text: 'Elm is a town. It lies on the Oder.' }, { title: 'Oak', text: 'Oak is a river.' }]
  const [first, second] = [tools.search(articles), tools.search(articles)]
  expect(await said(first, 0, { query: 'river' })).toContain('Oak: Oak is a river.')
  expect(await said(second, 1, { keyword: 'river' })).toContain('search first')
  // Indexed once: what is added to the array later is not seen.
  articles.push({ title: 'Ash', text: 'Ash is a company.' })
  expect(await said(tools.search(articles), 0, { query: 'company' })).toContain('Nothing is found')
  expect(await said(tools.search([...articles]), 0, { query: 'company' })).toContain('Ash')
  expect(tools.nearest([...articles], 'Which river or company is it?', 2).map(({ title }) => title)).toEqual(expect.arrayContaining(['Oak', 'Ash']))
  expect(tools.nearest(articles, 'a town, a river', 1).length).toBe(1)
})

test('databases of several tasks share a process, not their rows', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const kits = [1, 2].map((value) => tools.sql({ script: `CREATE TABLE t (x); INSERT INTO t VALUES (${value})`, access: 'read' }))
  expect(await Promise.all(kits.map((kit) => said(kit, 0, { query: 'SELECT x FROM t' })))).toEqual(['x\n1', 'x\n2'])
  await kits[0]!.dispose()
  expect(await said(kits[1]!, 0, { query: 'SELECT x + 1 AS y FROM t' })).toBe('y\n3')
})

test('code runs, and its variables are those of one episode', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const [first, second] = [tools.code(), tools.code()]
  expect(await said(first, 0, { code: 'let x = 6; console.log(x * 7)' })).toBe('42')
  expect(await said(second, 0, { code: 'console.log(typeof x)' })).toBe('undefined')
})

/** Takes any question; right by its words. */
const suite = {
  name: 'twohop',
  foreign: ({ question, answer, id, articles }): Problem => ({
    task: { suite: 'twohop', split: 'ood', seed: 0, index: 0, id, family: 'foreign', question, answer },
    kits: () => [openKit<null>({ tools: [], start: null })],
    score: () => ({ success: false, reward: 0, detail: '' }),
    scoreAnswer: (given) => sameWords(given, answer),
    expert: null,
    rationale: null,
    retrieve: articles ? async () => articles : null,
  }),
} as Pick<Suite, 'name' | 'foreign'> as Suite

const file = (name: string, text: string): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

test('questions are read from a list, from examples and from lines, and counted as their data set counts', async () => {
  const gsm = { id: 7, question: 'How many?', answer: 12.5, dataset_name: 'GSM-hard' }
  const [counted] = datasetProblems(file('gsm.json', JSON.stringify({ examples: [gsm] })), suite)
  expect(counted!.task).toMatchObject({ id: 'GSM-hard/7', answer: '12.5' })
  expect([counted!.scoreAnswer!('$12.50 in all'), counted!.scoreAnswer!('12.6')]).toEqual([true, false])
  const end = { type: 'end', reason: 'answer', answer: '12.5', error: null, steps: 1, calls: 0, tokens: null, seconds: 0 } as const
  const episode = { start: null, turns: [], spans: [], steps: 1, calls: 0, tokens: null, outcome: null }
  expect(counted!.score({ ...episode, end }).success).toBe(true)
  expect(counted!.score({ ...episode, end: null }).success).toBe(false)

  const plain = { question: 'Who?', answer: 'Ada', context: [['Ada', ['Ada is one.', 'She wrote.']]] }
  for (const text of [JSON.stringify([plain, plain]), `${JSON.stringify(plain)}\n\n${JSON.stringify(plain)}\n`, JSON.stringify(plain)]) {
    const problems = datasetProblems(file('plain.json', text), suite)
    expect(problems.map(({ task }) => task.id)).toEqual(text.includes(']}]') || text.includes('\n') ? ['file/0', 'file/1'] : ['file/0'])
    expect(problems[0]!.scoreAnswer!('the Ada.')).toBe(true)
    expect(await problems[0]!.retrieve!(null as never)).toEqual([{ title: 'Ada', text: 'Ada is one. She wrote.' }])
  }
})

test('what holds no questions is refused with its place', () => {
  const refused = (text: string): unknown => {
    try {
      return datasetProblems(file('bad.jsonl', text), suite)
    } catch (error) {
      return error
    }
  }
  expect(refused('[{"question": "Q", "answer": "A"}, {"question": "Q"}]')).toMatchObject({ code: 'bad-tasks', where: expect.stringContaining('entry 2'), found: '{"question":"Q"}' })
  expect(refused('{"question": "Q", "answer": 1}\nnot so')).toMatchObject({ code: 'bad-tasks', where: expect.stringContaining('line 2') })
  for (const text of ['', '[]', '{"data": []}', '12']) expect(refused(text), text).toMatchObject({ code: 'bad-tasks' })
  expect(() => datasetProblems('/no/such/file.json', suite)).toThrow(expect.objectContaining({ code: 'file-missing' }) as Error)
  expect(() => datasetProblems(file('x.json', '[]'), { ...suite, foreign: null })).toThrow(expect.objectContaining({ code: 'no-foreign-tasks' }) as Error)
})

test.skipIf(!haveShared('data/agent-distillation/math_500_20250414.json'))("each right answer of the Agent Distillation data is right by its own set's count", () => {
  const sizes = { 'bamboogle_125_20250507': 125, 'gsm_hard_500_20250507': 500, 'hotpotqa_500_20250422': 500, 'math_500_20250414': 500 }
  for (const [name, size] of Object.entries(sizes)) {
    const problems = datasetProblems(sharedPath(`data/agent-distillation/${name}.json`), suite)
    expect(problems.length).toBe(size)
    expect(new Set(problems.map(({ task }) => task.id.split('/').length))).toEqual(new Set([2]))
    expect(problems.filter(({ task, scoreAnswer }) => !scoreAnswer!(task.answer!)).map(({ task }) => task.answer), name).toEqual([])
    expect(problems.filter(({ scoreAnswer }) => scoreAnswer!('no idea')).length, name).toBe(0)
  }
})

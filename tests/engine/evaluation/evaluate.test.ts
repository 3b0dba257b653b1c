// Evaluations in a project, with the suite's expert at work: kept task by task, stopped and gone on with, shown, compared, removed.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  compareEvaluations, createEvaluation, discardEvaluation, type EvaluateOptions, listEvaluations, readEpisodes, readEvaluation, runEvaluation, shownEpisode, specOf,
} from '../../../src/engine/evaluation/index.ts'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import type { EvaluationWish } from '../../../src/shared/contract/evaluating.ts'
import { otherThought } from '../../../src/engine/evaluation/thoughts.ts'
import { fakeTeacher } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'

const EXPERT: EvaluationWish = { suite: 'arith', tasks: 6, seed: 3, solver: { type: 'expert' }, sideBySide: 2 }

async function begun(project: string, wish: EvaluationWish = EXPERT): Promise<string> {
  return (await createEvaluation(project, await specOf(wish))).id
}

/** `stopAt`: how many tasks are done when the user stops. */
function options(project: string, stopAt = Infinity): EvaluateOptions & { readonly begun: string[] } {
  const stop = new AbortController()
  const begun: string[] = []
  return {
    project, sideBySide: 1, signal: stop.signal, begun,
    endpointOf: () => Promise.reject(new Error('no endpoints here')),
    onProgress({ evaluation: { summary }, working }) {
      for (const { task, step } of working) if (step === 0 && begun.at(-1) !== task) begun.push(task)
      if (summary.tasks >= stopAt) stop.abort()
    },
  }
}

test('every task is worked at and kept with its episode; the figures are those of the episodes', async () => {
  const project = temporaryFolder()
  const id = await begun(project)
  const report = await runEvaluation(id, options(project))
  expect(report).toMatchObject({ state: 'finished', total: 6, summary: { tasks: 6, successes: 6, invalid: { count: 0 } } })
  expect(report.summary.success!.low).toBeCloseTo(0.6097, 3)
  const stored = readEpisodes(project, id)
  expect(stored.map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5])
  expect(stored.flatMap(({ events }) => events.filter(({ type }) => type === 'text'))).toEqual([])
  expect(stored.every(({ events }) => events.at(-1)?.type === 'outcome')).toBe(true)
  const { turns, result } = shownEpisode(project, { id, task: stored[2]!.result.task.id })
  expect(turns.map(({ role }) => role).slice(0, 3)).toEqual(['system', 'user', 'agent'])
  expect(turns[1]!.text).toBe(result.task.question)
  expect(turns.filter(({ role }) => role === 'agent').map(({ step }) => step)).toEqual([...Array(result.steps).keys()])
})

test.each(['arith', 'shop', 'household'] as const)('as many different tasks as are asked for: %s', async (suite) => {
  const project = temporaryFolder()
  const report = await runEvaluation(await begun(project, { ...EXPERT, suite, split: 'ood', tasks: 8 }), options(project))
  expect(new Set(report.tasks.map(({ task }) => task.id)).size).toBe(8)
  expect(new Set(report.tasks.map(({ task }) => task.question)).size).toBeGreaterThan(4)
})

test('only tasks of the families that are asked for; another choice of them is another evaluation, and unknown ones are refused', async () => {
  const project = temporaryFolder()
  const families = ['t-tank', 't-buy-sell']
  const id = await begun(project, { ...EXPERT, tasks: 5, families })
  expect(readEvaluation(project, id).spec.tasks).toMatchObject({ from: 'suite', families, count: 5 })
  const { tasks, summary } = await runEvaluation(id, options(project))
  expect(tasks).toHaveLength(5)
  expect(new Set(tasks.map(({ task }) => task.id)).size).toBe(5)
  expect(tasks.filter(({ task }) => !families.includes(task.family))).toEqual([])
  expect(summary.families.map(({ family }) => family).sort()).toEqual([...new Set(tasks.map(({ task }) => task.family))].sort())
  await expect(specOf({ ...EXPERT, families: ['t-tank', 'no-such'] })).rejects.toMatchObject({ code: 'no-family', found: 'no-such', expected: expect.stringContaining('t-buy-sell') as string })
  // A family of training is none of the out-of-domain split.
  await expect(specOf({ ...EXPERT, split: 'ood', families: ['t-tank'] })).rejects.toMatchObject({ code: 'no-family' })
  const tasksFile = join(project, 'tasks.jsonl')
  writeFileSync(tasksFile, '{"question": "What is 2 + 3?", "answer": 5}\n')
  await expect(specOf({ ...EXPERT, tasksFile, families })).rejects.toMatchObject({ code: 'no-family', where: tasksFile })
})

test('one that was stopped goes on where it was: no task is worked at twice, half a line is taken away', async () => {
  const project = temporaryFolder()
  const id = await begun(project)
  await runEvaluation(id, options(project, 2))
  expect(readEvaluation(project, id)).toMatchObject({ state: 'stopped', summary: { tasks: 2 } })
  const episodes = join(project, 'evaluations', id, 'episodes.jsonl')
  const before = readFileSync(episodes, 'utf8')
  // A killed process: half a line, and a state that says it runs.
  appendFileSync(episodes, before.slice(0, 40))
  const file = join(project, 'evaluations', id, 'evaluation.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"stopped"', '"running"'))
  expect(readEvaluation(project, id).state).toBe('stopped')
  expect(readEpisodes(project, id)).toHaveLength(2)
  const again = options(project)
  const report = await runEvaluation(id, again)
  expect(report).toMatchObject({ state: 'finished', summary: { tasks: 6, successes: 6 } })
  expect(again.begun).toHaveLength(4)
  expect(readFileSync(episodes, 'utf8').startsWith(before)).toBe(true)
  expect(new Set(report.tasks.map(({ task }) => task.id)).size).toBe(6)
})

test('no episode of an evaluation is a trajectory of the project', async () => {
  const project = temporaryFolder()
  const id = await begun(project, { ...EXPERT, tasks: 2 })
  await runEvaluation(id, options(project))
  const { listTrajectories, openProject, importPaths } = await import('../../../src/engine/project/index.ts')
  const opened = openProject(project, { create: true })
  try {
    expect(listTrajectories(opened, { filter: {} })).toEqual([])
    // Not even when somebody points the import at the folder.
    await importPaths(opened, [join(project, 'evaluations')], {})
    expect(listTrajectories(opened, { filter: {} })).toEqual([])
  } finally {
    opened.dispose()
  }
})

test('two evaluations are compared by the tasks that both have', async () => {
  const project = temporaryFolder()
  const first = await begun(project, { ...EXPERT, tasks: 3 })
  const second = await begun(project, { ...EXPERT, tasks: 5 })
  for (const id of [first, second]) await runEvaluation(id, options(project))
  expect(compareEvaluations(project, { first, second })).toEqual({ tasks: 3, difference: { value: 0, low: expect.closeTo(-0.5615, 4) as number, high: expect.closeTo(0.5615, 4) as number }, onlyFirst: [], onlySecond: [] })
  expect(listEvaluations(project).map(({ id }) => id).sort()).toEqual([first, second].sort())
  discardEvaluation(project, first)
  expect(existsSync(join(project, 'evaluations', first))).toBe(false)
  expect(() => readEvaluation(project, first)).toThrow(expect.objectContaining({ code: 'no-evaluation' }))
  expect(() => readEvaluation(project, '../evaluations')).toThrow(expect.objectContaining({ code: 'no-evaluation' }))
})

test('tasks of a file are worked at with the tools of the suite; a file that changed is refused', async () => {
  const project = temporaryFolder()
  const tasksFile = join(project, 'tasks.jsonl')
  writeFileSync(tasksFile, '{"question": "What is 2 + 3?", "answer": 5, "id": "a"}\n{"question": "And 4 * 5?", "answer": "20"}\n')
  const id = await begun(project, { suite: 'arith', tasksFile, solver: { type: 'expert' } })
  expect(readEvaluation(project, id)).toMatchObject({ total: 2, spec: { tasks: { from: 'file', count: 40 } } })
  // The suite's expert knows only the suite's own tasks, and says so.
  await expect(runEvaluation(id, options(project))).rejects.toMatchObject({ code: 'no-expert' })
  expect(readEvaluation(project, id)).toMatchObject({ state: 'failed', error: { code: 'no-expert' } })
  appendFileSync(tasksFile, '{"question": "And 1 + 1?", "answer": "2"}\n')
  await expect(runEvaluation(id, options(project))).rejects.toMatchObject({ code: 'tasks-changed' })
})

/** An endpoint's student: what it is asked, and how much of it fails. */
async function asked(reply: Parameters<typeof fakeTeacher>[0], tasks: number) {
  const project = temporaryFolder()
  const id = await begun(project, { suite: 'arith', tasks, seed: 3, solver: { type: 'endpoint', provider: 'fake', model: 'm' } })
  const { baseUrl, seen } = await fakeTeacher(reply)
  const run = (more: Partial<EvaluateOptions> = {}) =>
    runEvaluation(id, { ...options(project), endpointOf: async () => ({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl, models: [], key: null }), ...more })
  return { project, id, seen, run }
}

test('a model that fails is no measurement: the reason is said, five in a row end it, and it can be gone on with', async () => {
  let refuses = true
  const refusal = { type: 'refuse', status: 404, body: '{"error":{"message":"no model m here"}}' } as const
  const { project, id, run, seen } = await asked(() => (refuses ? refusal : { text: 'Answer: 1' }), 8)
  const report = await run()
  expect(report).toMatchObject({ state: 'failed', summary: { tasks: 0, withoutResult: 5, successes: 0, success: null }, error: { code: 'no-result' } })
  expect(report.error!.found).toMatch(/404.*no model m here/)
  // The reason of one task, not an error within an error.
  expect(report.error!.found).not.toMatch(/; (?:found|expected|at) /)
  expect(seen).toHaveLength(5)
  const { result } = shownEpisode(project, { id, task: report.tasks[0]!.task.id })
  expect(result).toMatchObject({ end: 'model-failed', detail: expect.stringContaining('no model m here') as string })
  expect(readEvaluation(project, id)).toMatchObject({ state: 'failed', error: { code: 'no-result' } })
  refuses = false
  const again = await run()
  expect(again).toMatchObject({ state: 'finished', error: null, summary: { tasks: 8, withoutResult: 0, successes: 0 } })
  expect(seen).toHaveLength(13)
})

test('an endpoint is paid within a budget: there the evaluation ends, goes on with a larger one, and counts all its starts', async () => {
  const { project, id, run, seen } = await asked(() => ({ text: 'Answer: 1', promptTokens: 5000, tokens: 4 }), 4)
  const tight = await run({ sideBySide: 1, again: { budget: { tokens: 5200 } } })
  expect(tight).toMatchObject({ state: 'failed', error: { code: 'budget-reached' }, summary: { tasks: 1, withoutResult: 0 }, usage: { requests: 1, promptTokens: 5000, tokens: 4 } })
  expect(seen).toHaveLength(1)
  const whole = await run({ again: { budget: { tokens: 100_000 }, traffic: { tries: 2, patience: undefined } } })
  expect(whole).toMatchObject({ state: 'finished', error: null, summary: { tasks: 4 }, usage: { requests: 4, promptTokens: 20_000, tokens: 16 } })
  expect(seen).toHaveLength(4)
  expect(readEvaluation(project, id)).toMatchObject({ terms: { budget: { tokens: 100_000 }, traffic: { tries: 2, patience: 120 } }, usage: { requests: 4 } })
  await expect(run({ again: { budget: { cost: 1 } } })).rejects.toMatchObject({ code: 'no-prices' })
})

test('a task of an endpoint that was cut off goes on from what was answered', async () => {
  const stop = new AbortController()
  const { run, seen } = await asked(({ messages }, number) => {
    if (number === 1) stop.abort()
    return messages.some(({ role }) => role === 'assistant') ? { text: 'Action: finish[1]', afterMs: number === 1 ? 60_000 : 0 } : { text: 'Action: calculator[1 + 1]' }
  }, 1)
  expect(await run({ signal: stop.signal })).toMatchObject({ state: 'stopped', summary: { tasks: 0 } })
  expect(await run()).toMatchObject({ state: 'finished', summary: { tasks: 1 }, usage: { replayed: 1 } })
  expect(seen).toHaveLength(3)
  expect(new Set(seen.map(({ body }) => JSON.stringify(body))).size).toBe(2)
})

test('a task here and there without a result: the others count, pairs leave it out', async () => {
  const { project, id, run } = await asked((_, number) => (number % 3 === 1 ? { type: 'refuse', status: 400, body: '{"error":{"message":"not this one"}}' } : { text: 'Answer: 1' }), 6)
  expect(await run()).toMatchObject({ state: 'failed', summary: { tasks: 4, withoutResult: 2, success: { value: 0 } } })
  const expert = await begun(project)
  await runEvaluation(expert, options(project))
  expect(compareEvaluations(project, { first: id, second: expert })).toMatchObject({ tasks: 4, onlySecond: { length: 4 } })
})

test('the thought that is swapped in is one of another task, or none', () => {
  const [a, b] = [{} as never, {} as never]
  const problems = [{ problem: a }, { problem: a }, { problem: b }]
  expect(otherThought(problems, [{ thought: 'x' }, { thought: 'y' }, { thought: 'z' }], 0)).toBe('z')
  expect(otherThought(problems, [{ thought: 'x' }, { thought: 'y' }, { thought: '' }], 0)).toBeNull()
  expect(otherThought(problems, [{ thought: '' }, { thought: 'y' }, { thought: '' }], 2)).toBe('y')
})

test('tokens of a turn are the suite\'s, more for a chain of thought, or as many as are wished for', async () => {
  const turn = async (wish: object) => (await specOf({ ...EXPERT, ...wish })).limits
  expect((await turn({})).turnTokens).toBe(suiteNamed('arith').limits.turnTokens)
  expect((await turn({ prompting: 'cot' })).turnTokens).toBe(512)
  expect(await turn({ turnTokens: 96 })).toMatchObject({ turnTokens: 96, turnCharacters: 96 * 16, steps: suiteNamed('arith').limits.steps })
  expect((await turn({ prompting: 'cot', turnTokens: 1000 })).turnTokens).toBe(1000)
})

test('a way of asking that the suite does not have is refused', async () => {
  await expect(specOf({ ...EXPERT, suite: 'household', prompting: 'cot' })).rejects.toMatchObject({ code: 'no-such-prompting' })
})

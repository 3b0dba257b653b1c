// Ladders whose teacher is a model behind an endpoint: its own episodes become the data, first thoughts among them; budgets, and what is asked twice.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import { getTrajectory, listIds, openProject } from '../../../src/engine/project/index.ts'
import { climb, createLadder, type LadderTeaching, ladderSpecOf } from '../../../src/engine/evaluation/index.ts'
import type { BatchRequest } from '../../../src/engine/teaching/index.ts'
import type { LadderWish } from '../../../src/shared/contract/evaluating.ts'
import type { Budget } from '../../../src/shared/records/rollout.ts'
import { ladderArmSchema, type Rung } from '../../../src/shared/records/ladder.ts'
import type { Trajectory } from '../../../src/shared/records/trajectory.ts'
import type { RetortErrorParts } from '../../../src/shared/errors.ts'
import { fakeTeacher, type FakeTeacher, type TeacherRequest } from '../../support/fakeTeacher.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'

const arith = suiteNamed('arith')
const TASKS = Array.from({ length: 520 }, (_, index) => arith.problem({ split: 'train', seed: 1001, index }).task)
const taskOf = ({ messages }: TeacherRequest) => TASKS.find(({ question }) => messages.some(({ content }) => content.includes(question)))!

const THOUGHT = 'Thought: It takes one step.\n\n'
const CHAIN = 'It takes one step.\n\nI know it by heart.'

/** Right at every task but each third: there it is wrong. Chains of thought are asked for by the suite's words. */
const teacher = (): Promise<FakeTeacher> =>
  fakeTeacher((asked) => {
    const { answer, index } = taskOf(asked)
    if (asked.messages[0]!.content === arith.cotPrompt) return { text: `${CHAIN}\nAnswer: ${answer}`, tokens: 20, promptTokens: 100 }
    return { text: index % 3 === 2 ? 'Action: finish[no idea]' : `Action: finish[${answer}]`, tokens: 10, promptTokens: 200 }
  })

const NOTHING: Budget = { cost: null, tokens: null }
const UNSEEN = 'How much is two and two, if nobody minds the asking of it?'

type Choice = { readonly wish?: Partial<LadderWish>; readonly budget?: Budget; readonly question?: string; readonly concurrency?: number }

async function begun(fake: FakeTeacher, { wish = {}, budget = NOTHING, question = UNSEEN, concurrency = 3 }: Choice = {}) {
  const project = temporaryFolder()
  const student = join(project, 'student.gguf')
  writeFileSync(student, familyModel({ architecture: 'llama', sizes: { context: 2048, layers: 1, width: 32, heads: 2, kvHeads: 1, inner: 32 } }))
  const tasksFile = join(project, 'tasks.json')
  writeFileSync(tasksFile, JSON.stringify([{ question, answer: '4' }]))
  const endpoint = { id: 'fake', name: 'Fake', kind: 'openai-compatible' as const, baseUrl: fake.baseUrl, models: [], key: null, prefill: 'flag' as const }
  const teaching: LadderTeaching = {
    teacher: { type: 'endpoint', endpoint, model: 'm' }, provider: null, prices: { input: 10, output: 100 }, budget, traffic: { concurrency, tries: 1 }, firstThought: 'all',
  }
  const asked: LadderWish = { suite: 'arith', student, tasksFile, tasks: 1, tokens: 2500, only: ['sft', 'first-thought'], settings: { rank: 1 }, ...wish }
  const { id } = createLadder(project, await ladderSpecOf(asked, { context: 900, teaching }))
  const go = async (more: { readonly budget?: Budget; readonly traffic?: BatchRequest['traffic'] } = {}) => {
    const { ladder, files } = await climb(id, {
      project, cacheDir: join(project, 'cache'), folders: [], onProgress: () => undefined, signal: new AbortController().signal,
      findTeacher: async () => ({ type: 'endpoint', endpoint, model: 'm' }), ...more,
    })
    return { ladder, report: readFileSync(files[0]!, 'utf8'), rung: (arm: string) => ladder.rungs.find((one) => one.arm === arm)! }
  }
  return { project, id, go }
}

/** What a rung was trained on, in the order in which it was taken. */
function dataOf({ project, id }: { readonly project: string; readonly id: string }, { data }: Rung): Trajectory[] {
  const opened = openProject(join(project, 'ladders', id, 'data', data!), { create: false })
  try {
    return listIds(opened, { filter: {}, sort: { by: 'imported', descending: false } }).map((one) => getTrajectory(opened, one).trajectory)
  } finally {
    opened.dispose()
  }
}

/** Requests that went out more than once. */
function twice({ seen }: FakeTeacher): string[] {
  const bodies = seen.map(({ body }) => JSON.stringify(body))
  return bodies.filter((body, at) => bodies.indexOf(body) !== at)
}

test('students learn from what the teacher did right, with and without its own first thought, on the same tasks; nothing that is asked is taught', async () => {
  const fake = await teacher()
  const ladder = await begun(fake, { question: TASKS[0]!.question })
  const { ladder: climbed, rung, report } = await ladder.go()
  expect(climbed.state).toBe('finished')
  const [plain, thought] = [rung('sft'), rung('first-thought')]
  for (const { taught, trained } of [plain, thought]) {
    expect(taught!.kept + taught!.rejected).toBe(taught!.episodes)
    expect(taught!.rejections).toEqual([{ reason: 'wrong', count: taught!.rejected }])
    expect(taught!.rejected).toBeGreaterThan(2)
    // The one that did not fit any more ends the taking.
    expect(trained!.trajectories).toBeGreaterThanOrEqual(taught!.kept - 3)
    expect(trained!.tokens).toBeGreaterThan(2000)
    expect(trained!.tokens).toBeLessThanOrEqual(2500)
    expect(trained!.alike).toBeGreaterThan(0)
  }
  expect(plain.taught!.firstThoughts).toEqual({ continued: 0, instructed: 0 })
  expect(thought.taught!.firstThoughts).toEqual({ continued: thought.taught!.episodes, instructed: 0 })
  expect(plain.taught!.usage).toMatchObject({ requests: plain.taught!.episodes, promptTokens: 200 * plain.taught!.episodes, tokens: 10 * plain.taught!.episodes })
  expect(thought.taught!.usage.requests).toBe(2 * thought.taught!.episodes)
  expect(plain.taught!.usage.cost! + thought.taught!.usage.cost!).toBeCloseTo((fake.billed().promptTokens * 10 + fake.billed().tokens * 100) / 1e6, 9)
  expect(fake.seen.some(({ messages }) => messages.some(({ content }) => content.includes(TASKS[0]!.question)))).toBe(false)

  const [without, behind] = [dataOf(ladder, plain), dataOf(ladder, thought)]
  expect(without.map(({ source }) => source.index)).toEqual([...without.map(({ source }) => source.index)].sort((a, b) => a - b))
  expect(behind.map(({ source }) => source.index)).toEqual(without.slice(0, behind.length).map(({ source }) => source.index))
  for (const { turns, source } of without) expect(turns.at(-1)!.text).toBe(`Action: finish[${TASKS[source.index]!.answer}]`)
  for (const { turns, source } of behind) expect(turns.at(-1)!.text).toBe(`${THOUGHT}Action: finish[${TASKS[source.index]!.answer}]`)
  // The teacher's long prompt is the student's short one.
  const asked = fake.seen.find(({ messages }) => messages.length === 2 && messages[0]!.content !== arith.cotPrompt)!.messages[0]!.content
  for (const { turns } of [...without, ...behind]) {
    expect(turns[0]!.role).toBe('system')
    expect(turns[0]!.text.length).toBeLessThan(asked.length)
  }
  expect(report).toContain('## Teacher\n\nFake: m, 10 and 100 for a million tokens read and written. One episode')
  expect(report).toMatch(new RegExp(`\\| Agent distilled, sft \\| ${plain.taught!.episodes} \\| ${plain.taught!.kept} \\| ${plain.taught!.rejected} \\(${plain.taught!.rejected} wrong\\) \\| - \\|`))
  expect(report).toMatch(new RegExp(`\\| \\+ first thought \\| .* \\| ${thought.taught!.episodes} continued \\|`))
  expect(report).toMatch(/\| all \| .* \| 0\.\d{4} \|/)
})

test('chains of thought are its own, too, asked for in the words that the student is asked in', async () => {
  const fake = await teacher()
  const ladder = await begun(fake, { wish: { only: ['cot'], tokens: 800 } })
  const { rung } = await ladder.go()
  const data = dataOf(ladder, rung('cot'))
  expect(data.length).toBeGreaterThan(0)
  expect(data.map(({ turns }) => turns[0]!.text)).toEqual(data.map(() => arith.cotPrompt))
  expect(data.map(({ turns }) => turns.at(-1)!.text)).toEqual(data.map(({ source }) => `${CHAIN}\nAnswer: ${TASKS[source.index]!.answer}`))
})

test('a budget for all rungs: one that would exceed it fails with what was done, and goes on with a larger one; no seed asks again', async () => {
  const fake = await teacher()
  const tokens = 12_000
  const { go } = await begun(fake, { wish: { seeds: [1, 2] }, budget: { cost: null, tokens } })
  const { ladder, rung, report } = await go()
  expect(ladder.rungs.map(({ arm, seed, state }) => [arm, seed, state])).toEqual([['sft', 1, 'done'], ['first-thought', 1, 'failed'], ['sft', 2, 'done'], ['first-thought', 2, 'failed']])
  expect(ladder.rungs[2]!.taught).toEqual(ladder.rungs[0]!.taught)
  expect(rung('first-thought').error).toMatchObject({ code: 'budget-reached', found: expect.stringContaining(String(tokens)) })
  expect(rung('first-thought').taught!.episodes).toBeGreaterThan(0)
  expect(report).toContain('at most 12,000 tokens')
  expect(report).toContain("| + first thought | 1 | failed: the teacher's budget is reached: ")
  expect(fake.billed().promptTokens + fake.billed().tokens).toBeLessThanOrEqual(tokens)
  const before = fake.seen.length
  const more = await go({ budget: { cost: 1, tokens: null }, traffic: { requestsPerMinute: 5000 } })
  expect(more.ladder).toMatchObject({ state: 'finished', spec: { teacher: { budget: { cost: 1, tokens: null }, traffic: { requestsPerMinute: 5000, concurrency: 3, tries: 1 } } } })
  expect(fake.seen.length).toBeGreaterThan(before)
  expect(twice(fake)).toEqual([])
  expect(rung('sft').taught!.usage.requests + more.rung('first-thought').taught!.usage.requests).toBe(fake.seen.length)
})

test('a teacher that does nothing right any more is not paid to the end of its block; the rung is done, and told to be short of tokens', async () => {
  const right = 12
  const fake = await fakeTeacher((asked) => {
    const { answer, index } = taskOf(asked)
    return { text: index < right ? `Action: finish[${answer}]` : 'Action: finish[no idea]', tokens: 10, promptTokens: 200 }
  })
  const { go } = await begun(fake, { wish: { only: ['sft'], tokens: 200_000 }, concurrency: 1 })
  const { rung, report } = await go()
  const { taught, trained, state } = rung('sft')
  expect(state).toBe('done')
  expect(taught).toMatchObject({ kept: right, episodes: right + 50 })
  expect(fake.seen).toHaveLength(taught!.episodes)
  expect(report).toContain(`**Rungs are not on the same tokens: Agent distilled, sft, seed 1: ${trained!.tokens.toLocaleString('en')} of 200,000 tokens.`)
})

test('what came in vain is counted by task: a slow right answer is among the data, and a second rung of the same batch has the same, unpaid', async () => {
  const slow = 20
  let goOn = (): void => undefined
  const reached = new Promise<void>((resolve) => (goOn = resolve))
  const fake = await fakeTeacher(async (asked) => {
    const { answer, index } = taskOf(asked)
    // Of those before and behind it more than fifty have ended by then.
    if (index === 60) goOn()
    if (index === slow) await reached
    return { text: index < 4 || index === slow ? `Action: finish[${answer}]` : 'Action: finish[no idea]', tokens: 10, promptTokens: 200 }
  })
  const arm = (name: string, tokens: number) => ladderArmSchema.parse({ name, title: name, train: { data: { form: 'agent', tokens } } })
  const ladder = await begun(fake, { wish: { arms: [arm('a', 200_000), arm('b', 300_000)], only: ['a', 'b'] } })
  const { ladder: climbed, rung } = await ladder.go()
  expect(climbed.state).toBe('finished')
  const [a, b] = [rung('a'), rung('b')]
  expect(b.data).not.toBe(a.data)
  expect(dataOf(ladder, a).map(({ source }) => source.index)).toEqual([0, 1, 2, 3, slow])
  expect(dataOf(ladder, b).map(({ turns, source }) => [turns, source.index])).toEqual(dataOf(ladder, a).map(({ turns, source }) => [turns, source.index]))
  expect(b.taught).toEqual(a.taught)
  expect(fake.seen).toHaveLength(a.taught!.usage.requests)
})

test('the tokens of a teacher\'s turn are kept with the ladder; an older one goes on with those of an evaluation', async () => {
  const fake = await teacher()
  const asked = async (change?: (teacher: { turnTokens?: object }) => void) => {
    const { project, id, go } = await begun(fake, { wish: { only: ['sft'], tokens: 400 } })
    const path = join(project, 'ladders', id, 'ladder.json')
    const json = JSON.parse(readFileSync(path, 'utf8')) as { spec: { teacher: { turnTokens?: object } } }
    const kept = json.spec.teacher.turnTokens
    change?.(json.spec.teacher)
    writeFileSync(path, JSON.stringify(json))
    const before = fake.seen.length
    await go()
    return { kept, most: [...new Set(fake.seen.slice(before).map(({ body }) => body['max_tokens']))] }
  }
  expect(await asked()).toEqual({ kept: { agent: 2048 }, most: [2048] })
  expect((await asked((kept) => (kept.turnTokens = { agent: 777 }))).most).toEqual([777])
  expect((await asked((kept) => delete kept.turnTokens)).most).toEqual([arith.limits.turnTokens])
})

test('a teacher that refuses ends the rung with its reason', async () => {
  const fake = await fakeTeacher(() => ({ type: 'refuse', status: 401 }))
  const { go } = await begun(fake, { wish: { only: ['sft'] } })
  const { rung } = await go()
  expect(rung('sft')).toMatchObject({ state: 'failed', error: { code: 'teacher-failed', found: expect.stringContaining('status 401') }, taught: { kept: 0 } })
})

test('rungs that do not suit their teacher are refused before anything is made', async () => {
  const fake = await teacher()
  const arm = (data: object): NonNullable<LadderWish['arms']> => [ladderArmSchema.parse({ name: 'a', title: 'a', train: { data: { form: 'agent', ...data } } })]
  const found = (more: Partial<LadderWish>) => begun(fake, { wish: { only: ['a'], ...more } }).then(() => null, (error: RetortErrorParts) => error.found)
  expect(await found({ arms: arm({ wordings: 2 }) })).toBe('a says what an expert shows, and the teacher is a model')
  expect(await found({ arms: arm({ firstThought: 'all' }) })).toBeNull()
  const spec = await ladderSpecOf({ suite: 'arith', student: 's.gguf', arms: arm({ firstThought: 'all' }) })
  expect(spec.teacher).toBeNull()
  expect(() => createLadder(temporaryFolder(), spec)).toThrow(expect.objectContaining({ found: "a begins with the teacher's own thought, and the teacher is a script" }))
})

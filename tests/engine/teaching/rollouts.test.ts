// Rollouts in a project: kept and rejected with their reasons, budgets under concurrency, failing endpoints, first thoughts, log-probabilities.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import { getOriginal, type Project } from '../../../src/engine/project/index.ts'
import { createBatch, writeBatch } from '../../../src/engine/teaching/batch.ts'
import { batchOf } from '../../../src/engine/teaching/batches.ts'
import { estimateBatch, listBatches, resumeBatch, rolloutAt, rolloutPage, startBatch } from '../../../src/engine/teaching/index.ts'
import type { RolloutProgress } from '../../../src/shared/contract/rollouts.ts'
import { endpointOf, openedProject, request, SEED, watch } from '../../support/batches.ts'
import { fakeTeacher, type TeacherAnswer, type TeacherFault, type TeacherRequest } from '../../support/fakeTeacher.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'

const arith = suiteNamed('arith')
const taskOf = (index: number) => arith.problem({ split: 'train', seed: SEED, index }).task
const INDEX = new Map(Array.from({ length: 40 }, (_, index) => [taskOf(index).question, index] as const))

/** The task that a request is about, and how often the teacher has spoken in it. */
const askedOf = ({ messages }: TeacherRequest): { index: number; turns: number } => ({
  index: [...INDEX].find(([question]) => messages.some(({ content }) => content.startsWith(question)))?.[1] ?? -1,
  turns: messages.filter(({ role }) => role === 'assistant').length,
})
const finish = (index: number): string => `Thought: I know it.\nAction: finish[${taskOf(index).answer}]`

describe('tasks of some families', () => {
  const families = ['t-tank', 't-buy-sell']
  const EXPERT = { teacher: { type: 'expert', settings: {} }, tasks: 4, families, steps: undefined, turnTokens: undefined } as const
  const tasksOf = (project: Project, batch: string) => rolloutPage(project.folder, { batch, offset: 0, limit: 20 }).episodes.map(({ task }) => task)

  test('only those; the next batch goes on behind them, and an unknown one is refused before anything is made', async () => {
    const project = openedProject()
    const wish = request(endpointOf('http://127.0.0.1:9'), EXPERT)
    const first = await startBatch(project, wish, watch())
    expect(first).toMatchObject({ state: 'finished', done: 4, total: 4, kept: 4 })
    const next = await startBatch(project, { ...wish, first: 4 }, watch())
    const all = [...tasksOf(project, first.batch), ...tasksOf(project, next.batch)].sort((a, b) => a.index - b.index)
    const wanted = Array.from({ length: 2000 }, (_, index) => index).filter((index) => families.includes(taskOf(index).family)).slice(0, 8)
    expect(all.map(({ index }) => index)).toEqual(wanted)
    for (const unknown of [{ families: ['t-tank', 'no-such'] }, { firstThought: ['no-such'] }]) {
      await expect(startBatch(project, { ...wish, ...unknown }, watch())).rejects.toMatchObject({ code: 'no-family', found: 'no-such', expected: expect.stringContaining('t-tank') as string })
    }
    expect(listBatches(project.folder)).toHaveLength(2)
  })
})

describe('a second batch of the same', () => {
  test('takes what the first was answered from its journal; what is new is asked', async () => {
    const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index), tokens: 4, promptTokens: 9 }))
    const project = openedProject()
    const wish = request(endpointOf(fake.baseUrl), { tasks: 2 })
    await startBatch(project, wish, watch())
    expect(fake.seen).toHaveLength(2)
    const wider = await startBatch(project, { ...wish, tasks: 3 }, watch())
    expect(wider).toMatchObject({ state: 'finished', done: 3, kept: 3, duplicates: 2, usage: { requests: 1, replayed: 2, tokens: 4 } })
    expect(fake.seen).toHaveLength(3)
    // A journal that cannot be read is of no use, and stands in nobody's way.
    for (const { folder } of listBatches(project.folder)) writeFileSync(join(folder, 'requests.jsonl'), '{\n')
    expect(await startBatch(project, { ...wish, tasks: 1 }, watch())).toMatchObject({ state: 'finished', usage: { requests: 1, replayed: 0 } })
  })
})

describe('an answer that comes slowly', () => {
  test.each(['openai-compatible', 'anthropic'] as const)('%s: is seen as it is written; one that broke off is seen anew, and its tokens are paid for', async (kind) => {
    const answer = `Thought: ${Array.from({ length: 30 }, (_, number) => `word${number}`).join(' ')}\nAction: finish[${taskOf(0).answer}]`
    const seen: RolloutProgress[] = []
    const texts = (): string[] => [...new Set(seen.flatMap(({ working }) => working.map(({ text }) => text)))]
    // The rest is not written before somebody has seen the beginning.
    const middle = async (): Promise<void> => {
      while (!texts().some((text) => text.includes('word3'))) await wait(20)
    }
    const fake = await fakeTeacher((_, number): TeacherAnswer | TeacherFault => (number === 0 ? { type: 'cut' } : { text: answer, middle }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl, { kind }), { tasks: 1, turnTokens: 200, traffic: { concurrency: 1, tries: 2 } }), watch((progress) => seen.push(progress)))
    expect(report).toMatchObject({ state: 'finished', kept: 1, usage: { requests: 2, assumed: 1 } })
    expect(fake.seen).toHaveLength(2)
    // Each is a beginning of the answer, and of what broke off nothing stands before it.
    for (const text of texts()) expect(answer.startsWith(text)).toBe(true)
    const early = seen.find(({ working }) => working.some(({ text }) => text.includes('word3')))!
    expect(early).toMatchObject({ done: 0, working: [{ task: taskOf(0).id, question: taskOf(0).question, turn: 0, step: 0 }] })
    expect(early.working[0]!.text.length).toBeLessThan(answer.length)
    expect(seen.at(-1)).toMatchObject({ done: 1, working: [] })
  })
})

describe('a teacher whose episodes are all in vain', () => {
  const most = 4

  test('ends a batch that has kept nothing, with what is at work paid for and counted; gone on with it makes as many more', async () => {
    const fake = await fakeTeacher(() => ({ text: 'Action: finish[no idea]' }))
    const project = openedProject()
    const wish = request(endpointOf(fake.baseUrl), { tasks: 300, traffic: { concurrency: most, tries: 1 } })
    const first = await startBatch(project, wish, watch())
    expect(first).toMatchObject({ state: 'in-vain', kept: 0, lost: 0, reason: expect.stringMatching(/^nothing was kept of \d+ episodes, the last: wrong, /) as string })
    expect(first.done).toBeGreaterThanOrEqual(50)
    expect(first.done).toBeLessThan(50 + most)
    expect(first.usage.requests).toBe(first.done)
    expect(fake.seen).toHaveLength(first.done)
    expect(listBatches(project.folder)).toMatchObject([{ state: 'in-vain' }])
    const again = await resumeBatch(project, { id: first.batch, budget: undefined, find: async () => wish.teacher }, watch())
    expect(again.state).toBe('in-vain')
    expect(again.done).toBeGreaterThanOrEqual(first.done + 50)
    expect(again.done).toBeLessThan(first.done + 50 + most)
  })

  test('goes on where anything was kept, and where all is made', async () => {
    const fake = await fakeTeacher((asked) => ({ text: askedOf(asked).index === 0 ? finish(0) : 'Action: finish[no idea]' }))
    const wish = request(endpointOf(fake.baseUrl), { tasks: 60, traffic: { concurrency: 1, tries: 1 } })
    expect(await startBatch(openedProject(), wish, watch())).toMatchObject({ state: 'finished', done: 60, kept: 1 })
    expect(await startBatch(openedProject(), { ...wish, first: 1, tasks: 50 }, watch())).toMatchObject({ state: 'finished', done: 50, kept: 0 })
  })
})

describe('a batch', () => {
  test('keeps what is right and understood, with the short prompt; counts what is not, by reason', async () => {
    const fake = await fakeTeacher((asked) => {
      const { index, turns } = askedOf(asked)
      // 0: right at once. 1: a failed call, mended. 2: wrong. 3: one turn that cannot be read, then right. 4: never ends.
      const scripts: string[][] = [[finish(0)], ['Action: nothing[1]', finish(1)], ['Action: finish[no idea]'], ['Let me see.', finish(3)], ['Action: calculator[1 + 1]']]
      const script = scripts[index]!
      return { text: script[Math.min(turns, script.length - 1)]! }
    })
    const project = openedProject()
    const seen: RolloutProgress[] = []
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 5 }), watch((progress) => seen.push(progress)))
    expect(report).toMatchObject({ state: 'finished', reason: null, done: 5, total: 5, kept: 2, duplicates: 0, rejected: 3, lost: 0, teacher: 'Fake: m' })
    expect(Object.fromEntries(report.rejections.map(({ reason, count }) => [reason, count]))).toEqual({ wrong: 1, unparsed: 1, 'step-limit': 1 })
    expect(report.usage).toMatchObject({ requests: 9, replayed: 0, assumed: 0, cost: null, ...fake.billed() })
    expect(seen.at(-1)).toMatchObject({ done: 5, working: [], reserved: { tokens: 0 } })
    expect(fake.most()).toBeGreaterThan(1)

    const { total, episodes } = rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 10 })
    expect(total).toBe(5)
    for (const [place, { task, rejected, trajectory }] of episodes.entries()) {
      expect(trajectory === null).toBe(rejected !== null)
      const whole = rolloutAt(project.folder, { batch: report.batch, index: place })
      const start = whole.events[0]!
      if (start.type !== 'start') throw new Error('a log begins with its start')
      expect(start.turns[0]!.text).toBe(arith.teacherPrompt(start.tools))
      if (!trajectory) continue
      const { trajectory: kept } = getOriginal(project, trajectory.id)
      expect(kept.turns[0]!.text).toBe(arith.studentPrompt(start.tools))
      expect(kept.turns.slice(1)).toEqual(whole.events.flatMap((event) => (event.type === 'start' ? event.turns.slice(1) : event.type === 'agent' || event.type === 'observation' ? [event.turn] : [])))
      expect(kept.source).toEqual({ format: 'retort-rollout', file: `Fake: m | arith/train/${SEED}`, index: task.index })
      expect(kept.outcome).toMatchObject({ success: true })
    }
    expect(listBatches(project.folder)).toMatchObject([{ state: 'finished', kept: 2, rejected: 3, usage: { requests: 9, ...fake.billed() }, problem: null }])
    // All is there: to go on asks nothing.
    const asked = fake.seen.length
    const again = await resumeBatch(project, { id: report.batch, budget: undefined, find: async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) }, watch())
    expect(again).toMatchObject({ state: 'finished', done: 5, kept: 2, usage: { requests: 9 } })
    expect(fake.seen).toHaveLength(asked)
  })

  test('a hard budget holds with sixteen episodes at a time, and a larger one goes on without asking anything twice', async () => {
    let everyone: () => void = () => undefined
    const sixteen = new Promise<void>((resolve) => (everyone = resolve))
    const fake = await fakeTeacher(async (asked, number): Promise<TeacherAnswer> => {
      // The first answers of the batch come when sixteen have asked; two requests come before it.
      if (number === 17) everyone()
      if (number >= 2) await sixteen
      const { index, turns } = askedOf(asked)
      // A tokenizer that takes nearly a token for each byte.
      const promptTokens = Math.floor(0.95 * JSON.stringify(asked.body).length)
      return { text: turns === 0 ? 'Thought: I count.\nAction: calculator[17 * 3]' : finish(index), promptTokens, afterMs: (asked.messages.length * 7 + index) % 9 }
    })
    const project = openedProject()
    const prices = { input: 2, output: 8 }
    const bill = (): number => (fake.billed().promptTokens * prices.input + fake.billed().tokens * prices.output) / 1e6
    await startBatch(openedProject(), request(endpointOf(fake.baseUrl), { first: 39, tasks: 1 }), watch())
    const alone = bill()
    // Room for some twenty episodes of two requests.
    const budget = { cost: 20 * alone, tokens: null }
    let most = 0
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 39, prices, budget, traffic: { concurrency: 16 } }), watch(({ usage, reserved }) => {
      most = Math.max(most, usage.cost! + reserved.cost!)
    }))
    expect(fake.most()).toBe(16)
    expect(report).toMatchObject({ state: 'budget', lost: 0 })
    expect(report.reason).toContain(`at most ${budget.cost}`)
    expect(report.done).toBeLessThan(39)
    expect(report.done).toBeGreaterThan(5)
    expect(most).toBeLessThanOrEqual(budget.cost)
    expect(bill() - alone).toBeLessThanOrEqual(budget.cost)
    expect(report.usage.cost).toBeCloseTo(bill() - alone, 9)
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    const whole = await resumeBatch(project, { id: report.batch, budget: { cost: 10, tokens: null }, find }, watch())
    expect(whole).toMatchObject({ state: 'finished', done: 39, kept: 39 })
    const bodies = fake.seen.map(({ body }) => JSON.stringify(body))
    expect(new Set(bodies).size).toBe(bodies.length)
    expect(bodies).toHaveLength(80)
    expect(whole.usage.requests).toBe(78)
    expect(whole.usage.cost).toBeCloseTo(bill() - alone, 9)
  })

  test('gone on with, a limit that is not named stays, and one that cannot hold is not stored', async () => {
    const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index) }))
    const project = openedProject()
    const { batch } = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 1, budget: { cost: null, tokens: 1 } }), watch())
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    const budgetNow = () => listBatches(project.folder)[0]!.batch.budget
    await expect(resumeBatch(project, { id: batch, budget: { cost: 5 }, find }, watch())).rejects.toMatchObject({ code: 'no-prices' })
    expect(budgetNow()).toEqual({ cost: null, tokens: 1 })
    const priced = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 1, prices: { input: 1, output: 1 }, budget: { cost: null, tokens: 1 } }), watch())
    expect(await resumeBatch(project, { id: priced.batch, budget: { cost: 5 }, find }, watch())).toMatchObject({ state: 'budget', budget: { cost: 5, tokens: 1 } })
    expect(await resumeBatch(project, { id: priced.batch, budget: { tokens: null }, find }, watch())).toMatchObject({ state: 'finished', budget: { cost: 5, tokens: null } })
    expect(fake.seen).toHaveLength(1)
  })

  test('gone on with, it is asked as fast as is said then; what is not named stays', async () => {
    const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index), afterMs: 200 }))
    const project = openedProject()
    const { batch } = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 4, budget: { cost: null, tokens: 1 }, traffic: { concurrency: 1, tries: 2 } }), watch())
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    expect(await resumeBatch(project, { id: batch, budget: { tokens: null }, traffic: { concurrency: 4, requestsPerMinute: undefined, tokensPerMinute: 1e9 }, find }, watch())).toMatchObject({ state: 'finished', kept: 4 })
    expect(fake.most()).toBeGreaterThan(1)
    expect(listBatches(project.folder)[0]!.batch.traffic).toEqual({ concurrency: 4, requestsPerMinute: null, tokensPerMinute: 1e9, tries: 2, patience: 120 })
  })

  test.each(['openai-compatible', 'anthropic'] as const)('%s: busy, broken, malformed and half answers are asked again, and counted for what they may have cost', async (kind) => {
    const faults: TeacherFault[] = [
      { type: 'refuse', status: 429, headers: { 'retry-after': '0' } }, { type: 'refuse', status: 500, headers: { 'retry-after': '0' } }, { type: 'cut' }, { type: 'malformed' },
    ]
    const fake = await fakeTeacher((asked, number) => faults[number] ?? { text: finish(askedOf(asked).index) })
    const project = openedProject()
    const notices = new Set<string>()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl, { kind }), { tasks: 1, traffic: { concurrency: 1, tries: 6 } }), watch(({ notice }) => notice !== null && notices.add(notice)))
    expect(report).toMatchObject({ state: 'finished', kept: 1, usage: { requests: 3, assumed: 2 } })
    expect(fake.seen).toHaveLength(5)
    expect([...notices].join('\n')).toMatch(/429[^]*500/)
    expect(report.usage.tokens).toBe(fake.billed().tokens + 2 * 60)
  }, 60_000)

  test('an endpoint that says no ends the batch after some episodes, and they are made again', async () => {
    let refuses = true
    const fake = await fakeTeacher((asked) => (refuses ? { type: 'refuse', status: 401 } : { text: finish(askedOf(asked).index) }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 12, traffic: { concurrency: 1 } }), watch())
    expect(report).toMatchObject({ state: 'failed', kept: 0, done: 5, rejections: [{ reason: 'model-failed', count: 5 }], usage: { answered: 0, failed: 5, requests: 0 } })
    expect(report.rejections[0]!.detail).toContain('status 401')
    // One count everywhere: the list's row and the page of episodes have what the report has.
    expect(listBatches(project.folder)[0]).toMatchObject({ state: 'failed', reason: report.reason, done: 5, rejected: 5, usage: { answered: 0, failed: 5 } })
    expect(rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 50, only: 'rejected' })).toMatchObject({ total: 5, indices: [0, 1, 2, 3, 4] })
    expect(report.reason).toContain('status 401')
    expect(fake.seen).toHaveLength(5)
    refuses = false
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    expect(await resumeBatch(project, { id: report.batch, budget: undefined, find }, watch())).toMatchObject({ state: 'finished', done: 12, kept: 12, rejected: 0 })
  })

  test('a single failure leaves a batch incomplete with its reason; gone on with, only that episode is made again', async () => {
    let refuses = true
    const fake = await fakeTeacher((asked) => (refuses && askedOf(asked).index === 1 ? { type: 'refuse', status: 404 } : { text: finish(askedOf(asked).index) }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 3 }), watch())
    expect(report).toMatchObject({ state: 'incomplete', done: 3, kept: 2, rejected: 1 })
    expect(report.reason).toMatch(/failed at 1 of 3 episodes.*status 404/)
    refuses = false
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    expect(await resumeBatch(project, { id: report.batch, budget: undefined, find }, watch())).toMatchObject({ state: 'finished', reason: null, done: 3, kept: 3 })
    expect(fake.seen).toHaveLength(4)
    expect(rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 50 })).toMatchObject({ total: 3, episodes: [{}, {}, { rejected: null }] })
  })

  test('an endpoint has room to think where nobody says otherwise; one that twice says nothing is not asked again in that episode', async () => {
    const fake = await fakeTeacher(() => ({ text: '', finish: 'length', tokens: 2048 }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 1, steps: 5, turnTokens: undefined }), watch())
    expect(fake.seen.map(({ body }) => body['max_tokens'])).toEqual([2048, 2048])
    expect(report.rejections).toEqual([{ reason: 'unparsed', count: 1, detail: expect.stringContaining('2 of 2 turns cut at 2048 tokens') as string }])
    const { batch } = listBatches(project.folder)[0]!
    expect(batch.settings.limits.turnTokens).toBe(2048)
    await startBatch(project, request(endpointOf(fake.baseUrl), { teacher: { type: 'expert', settings: {} }, tasks: 1, turnTokens: undefined }), watch())
    expect(listBatches(project.folder).map(({ batch: { settings } }) => settings.limits.turnTokens)).toContain(arith.limits.turnTokens)
  })

  test('an episode whose time was over is not made: gone on with, it is made again, from its first question that has no answer', async () => {
    let slow = true
    const fake = await fakeTeacher((asked) => {
      const { index, turns } = askedOf(asked)
      if (turns === 0) return { text: 'Thought: I count.\nAction: calculator[17 * 3]' }
      return { text: finish(index), afterMs: slow && index === 1 ? 60_000 : 0 }
    })
    const project = openedProject()
    // Episodes of a batch have half an hour.
    const { batch, folder } = createBatch(project.folder, batchOf(request(endpointOf(fake.baseUrl), { tasks: 3 })))
    writeBatch(folder, { ...batch, settings: { ...batch.settings, limits: { ...batch.settings.limits, seconds: 5 } } })
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    const goOn = () => resumeBatch(project, { id: batch.id, budget: undefined, find }, watch())
    const report = await goOn()
    expect(report).toMatchObject({ state: 'incomplete', done: 3, kept: 2, rejections: [{ reason: 'time', detail: 'no end within 5 s' }] })
    expect(report.reason).toBe('time was over in 1 of 3 episodes: no end within 5 s')
    slow = false
    expect(await goOn()).toMatchObject({ state: 'finished', reason: null, done: 3, kept: 3 })
    expect(fake.seen).toHaveLength(7)
  })

  test('stopped while its first thoughts wait for their rate: nothing was made, and no teacher failed', async () => {
    const stop = new AbortController()
    const fake = await fakeTeacher(() => {
      // The others wait for a minute.
      setTimeout(() => stop.abort(), 50)
      return { text: 'I count.' }
    })
    const project = openedProject()
    const wish = request(endpointOf(fake.baseUrl, { prefill: 'flag' }), { tasks: 8, firstThought: 'all', traffic: { concurrency: 6, requestsPerMinute: 1 } })
    const report = await startBatch(project, wish, { onProgress: () => undefined, signal: stop.signal })
    expect(report).toMatchObject({ state: 'stopped', done: 0, kept: 0, rejections: [] })
    expect(fake.seen).toHaveLength(1)
  })

  test('an estimate at most is of what the suite can come to, not of limits that nothing reaches', async () => {
    const estimate = await estimateBatch(request(endpointOf('http://127.0.0.1:1/v1'), { tasks: 20, steps: undefined, turnTokens: undefined, prices: { input: 3, output: 15 } }), new AbortController().signal)
    expect(estimate.most.cost!).toBeGreaterThan(3 * estimate.cost!)
    expect(estimate.most.cost!).toBeLessThan(5)
    expect(estimate.basis).toContain('only a budget is a hard limit')
  })

  test('the limit of requests a minute, and usage that is not said', async () => {
    const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index), tokens: null }))
    const report = await startBatch(openedProject(), request(endpointOf(fake.baseUrl), { tasks: 2 }), watch())
    expect(report.usage).toMatchObject({ requests: 2, assumed: 2, tokens: 120 })
    const stop = new AbortController()
    const project = openedProject()
    const limited = startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 5, traffic: { requestsPerMinute: 2 } }), {
      signal: stop.signal,
      onProgress: ({ done }) => done === 2 && stop.abort(new Error('enough')),
    })
    // Who still waited for the limit was not sent, and is not paid for.
    const stopped = await limited
    expect(stopped).toMatchObject({ state: 'stopped', done: 2, kept: 2, usage: { requests: 2 } })
    expect(fake.seen).toHaveLength(4)
    // The minute is not over: who goes on at once has no new one.
    const find = async () => ({ type: 'endpoint', endpoint: endpointOf(fake.baseUrl), model: 'm' }) as const
    const soon = await resumeBatch(project, { id: stopped.batch, budget: undefined, find }, { ...watch(), signal: AbortSignal.timeout(1500) })
    expect(soon).toMatchObject({ state: 'stopped', done: 2, usage: { requests: 2 } })
    expect(fake.seen).toHaveLength(4)
  })
})

test.each(['', 'Be brief.'])('prompt distillation: the teacher has read its long instruction, and what is kept begins with %j', async (studentPrompt) => {
  const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index) }))
  const project = openedProject()
  const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 1, studentPrompt }), watch())
  const { trajectory, events } = rolloutAt(project.folder, { batch: report.batch, index: 0 })
  const [start] = events
  if (start?.type !== 'start') throw new Error('a log begins with its start')
  expect(fake.seen[0]!.messages[0]).toEqual({ role: 'system', content: arith.teacherPrompt(start.tools) })
  const { trajectory: kept, spans } = getOriginal(project, trajectory!.id)
  const opening = studentPrompt === '' ? [] : [['system', studentPrompt]]
  expect(kept.turns.map(({ role, text }) => [role, text])).toEqual([...opening, ['user', taskOf(0).question], ['agent', finish(0)]])
  expect(spans).toHaveLength(kept.turns.length)
})

describe('first thoughts', () => {
  const CHAIN = 'It is a sum of two products.\n\nLonger, with numbers.\n\nAnswer: 5'
  const BEGINNING = 'Thought: It is a sum of two products.\n\n'
  const plain = ({ messages }: TeacherRequest): boolean => messages[0]!.content === arith.cotPrompt

  test('where the endpoint continues a message it is given one, on the first question only', async () => {
    const fake = await fakeTeacher((asked) => ({ text: plain(asked) ? CHAIN : asked.messages.length > 3 ? finish(askedOf(asked).index) : 'Action: calculator[2 * 3]' }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl, { prefill: 'flag' }), { tasks: 1, firstThought: 'all', temperature: 0.7 }), watch())
    expect(report).toMatchObject({ kept: 1, firstThoughts: { continued: 1, instructed: 0 } })
    const [thought, first, second] = fake.seen
    expect(fake.seen).toHaveLength(3)
    expect(thought!.body).toMatchObject({ temperature: 0 })
    expect(first!.messages.at(-1)).toEqual({ role: 'assistant', content: BEGINNING })
    expect(first!.body).toMatchObject({ temperature: 0.7, continue_final_message: true, add_generation_prompt: false })
    expect(second!.body).not.toHaveProperty('continue_final_message')
    const { trajectory, firstThought } = rolloutAt(project.folder, { batch: report.batch, index: 0 })
    expect(firstThought).toEqual({ text: BEGINNING, way: 'continued' })
    const { trajectory: kept, spans } = getOriginal(project, trajectory!.id)
    // The whole first turn is training data.
    expect(kept.turns[2]!.text).toBe(`${BEGINNING}Action: calculator[2 * 3]`)
    expect(spans[2]!.map(({ kind }) => kind)).toEqual(['reason', 'act'])
  })

  test('Anthropic continues a message whose end is trimmed', async () => {
    const fake = await fakeTeacher((asked) => ({ text: plain(asked) ? CHAIN : `\n\n${finish(askedOf(asked).index)}` }))
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl, { kind: 'anthropic' }), { tasks: 1, firstThought: 'all' }), watch())
    expect(fake.seen[1]!.messages.at(-1)).toEqual({ role: 'assistant', content: BEGINNING.trim() })
    const { trajectory } = rolloutAt(project.folder, { batch: report.batch, index: 0 })
    expect(getOriginal(project, trajectory!.id).trajectory.turns[2]!.text).toBe(BEGINNING + finish(0))
  })

  test('elsewhere it is asked for in words, and that is said; only of the families that are named', async () => {
    const fake = await fakeTeacher((asked) => ({ text: plain(asked) ? CHAIN : `${BEGINNING}${finish(askedOf(asked).index)}` }))
    const family = taskOf(0).family
    const others = Array.from({ length: 12 }, (_, index) => taskOf(index)).filter((task) => task.family !== family).length
    expect(others).toBeGreaterThan(0)
    const project = openedProject()
    const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 12, firstThought: [family] }), watch())
    expect(report.firstThoughts).toEqual({ continued: 0, instructed: 12 - others })
    const instructed = fake.seen.find((asked) => !plain(asked) && asked.messages.at(-1)!.content.includes(BEGINNING))
    expect(instructed!.messages.at(-1)!.role).toBe('user')
    const { episodes } = rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 40 })
    const own = episodes.find(({ task }) => task.index === 0)!
    expect(own.firstThought).toEqual({ text: BEGINNING, way: 'instructed' })
    expect(getOriginal(project, own.trajectory!.id).trajectory.turns[2]!.text).toBe(BEGINNING + finish(0))
  })

  test('it is asked once for all episodes of a task, also when they run side by side; each of them begins with it', async () => {
    const fake = await fakeTeacher((asked) => ({ text: plain(asked) ? CHAIN : `Perhaps.\nAction: finish[${taskOf(askedOf(asked).index).answer}]` }))
    const project = openedProject()
    const wish = request(endpointOf(fake.baseUrl, { prefill: 'flag' }), { tasks: 2, perTask: 3, firstThought: 'all', temperature: 0.7, traffic: { concurrency: 6 } })
    const report = await startBatch(project, wish, watch())
    expect(report).toMatchObject({ done: 6, firstThoughts: { continued: 6 }, usage: { requests: 8, replayed: 4 } })
    expect(fake.seen.filter(plain).map((asked) => askedOf(asked).index).sort()).toEqual([0, 1])
    const { episodes } = rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 10 })
    expect(new Set(episodes.map(({ seed }) => seed)).size).toBe(6)
    const requests = async (perTask: number, firstThought: 'off' | 'all'): Promise<[number, number]> => {
      const { requests: expected, most } = await estimateBatch({ ...wish, tasks: 4, perTask, firstThought }, new AbortController().signal)
      return [expected, most.requests]
    }
    for (const perTask of [1, 3]) {
      const [without, most] = await requests(perTask, 'off')
      expect(await requests(perTask, 'all')).toEqual([without + 4, most + 4])
    }
  })

  test('to a script it is not applicable', async () => {
    const expert = { ...request(endpointOf('http://127.0.0.1:1')), teacher: { type: 'expert' as const, settings: {} }, firstThought: 'all' as const }
    await expect(startBatch(openedProject(), expert, watch())).rejects.toMatchObject({ code: 'not-applicable' })
  })
})

test('a file of this machine: its tokens are counted, it costs nothing, and another file of its name is another teacher', async () => {
  const path = join(temporaryFolder(), 'teacher.gguf')
  const write = (width: number): void => writeFileSync(path, familyModel({ architecture: 'llama', sizes: { context: 2048, layers: 1, width, heads: 2, kvHeads: 1, inner: 32 } }))
  write(32)
  const project = openedProject()
  const local = { ...request(endpointOf('http://127.0.0.1:1/v1'), { tasks: 1, steps: 1, turnTokens: 8, prices: null }), teacher: { type: 'local', path } as const }
  const report = await startBatch(project, local, watch())
  expect(report.usage).toMatchObject({ requests: 1, answered: 1, assumed: 0, cost: 0 })
  expect(report.usage.tokens).toBeGreaterThan(0)
  expect(report.usage.promptTokens).toBeGreaterThan(50)
  expect(listBatches(project.folder)[0]!.usage).toMatchObject({ tokens: report.usage.tokens, cost: 0 })
  // As a machine that died before the episode was written.
  const again = async () => {
    rmSync(join(report.folder, 'episodes.jsonl'))
    return (await resumeBatch(project, { id: report.batch, budget: undefined, find: async () => ({ type: 'local', path }) }, watch())).usage
  }
  expect(await again()).toMatchObject({ requests: 1, replayed: 1 })
  write(64)
  expect(await again()).toMatchObject({ requests: 2, replayed: 0 })
})

test('log-probabilities are kept beside the episodes, and what they cover is said', async () => {
  const tokens = [
    { token: 'Thought', logprob: -0.25, top_logprobs: [{ token: 'Thought', logprob: -0.25 }, { token: 'Action', logprob: -1.5 }] },
    { token: '\ufffd', logprob: -2, bytes: [0xf0, 0x9f], top_logprobs: [] },
  ]
  const fake = await fakeTeacher((asked) => ({ text: finish(askedOf(asked).index), tokens: 8, ...(asked.body['logprobs'] === true ? { logprobs: tokens } : {}) }))
  const project = openedProject()
  const report = await startBatch(project, request(endpointOf(fake.baseUrl), { tasks: 1, logprobs: 5 }), watch())
  expect(fake.seen[0]!.body).toMatchObject({ logprobs: true, top_logprobs: 5 })
  expect(report.coverage).toEqual({ asked: true, tokens: 2, of: 8 })
  const [line] = readFileSync(join(report.folder, 'logprobs.jsonl'), 'utf8').trimEnd().split('\n')
  expect(JSON.parse(line!)).toEqual({
    task: `arith/train/${SEED}/0`, turn: 0, trajectory: rolloutAt(project.folder, { batch: report.batch, index: 0 }).trajectory!.id,
    answers: [[
      { token: 'Thought', logprob: -0.25, top: [['Thought', -0.25], ['Action', -1.5]] },
      { token: '\\xf0\\x9f', logprob: -2, top: [] },
    ]],
  })
})

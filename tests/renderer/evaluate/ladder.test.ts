// A ladder on the Evaluate screen, against an engine made by hand: what the report says, the screen says.
import { afterEach, expect, test, vi } from 'vitest'
import { type Ladder, ladderSchema } from '../../../src/shared/records/ladder.ts'
import { ladderFacts, spendingOf } from '../../../src/renderer/evaluate/ladderModel.ts'
import { type FakeLadders, mountEvaluate } from './mountEvaluate.ts'

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 })
let page: Awaited<ReturnType<typeof mountEvaluate>> | null = null
const open = async (fake: FakeLadders, path: string) => (page = await mountEvaluate(fake, path))
afterEach(() => {
  page?.unmount()
  page = null
  sessionStorage.clear()
})

const score = (arm: string, difference: object | null) => ({ arm, tasks: 'ood', seeds: 3, success: { value: 0.5, low: 0.3, high: 0.7 }, bySeed: [0.5], difference })
const against = (seeds?: number[]) => ({ against: 'sft', interval: { value: 0.1, low: 0.02, high: 0.2 }, ...(seeds && { seeds }) })
const rung = (arm: string, change: object = {}) => ({ arm, seed: 1, state: 'done', data: null, run: null, trained: null, evaluations: [], error: null, ...change })

/** Three arms on one set of tasks. */
function ladderOf(change: Partial<Record<keyof Ladder, unknown>> = {}, spec: object = {}): Ladder {
  return ladderSchema.parse({
    id: '20260101-100000-0001', createdAt: '2026-01-01T10:00:00.000Z', state: 'finished', error: null, seconds: 60, rationale: [], versions: ['0.1.0'],
    spec: {
      suite: 'arith', student: '/models/tiny.gguf', tokens: 12_000, seeds: [1, 2, 3], style: 'react', settings: {}, system: null, context: 2048,
      tasks: [{ name: 'ood', choice: { from: 'suite', split: 'ood', seed: 4, count: 40 } }],
      arms: [{ name: 'sft', title: 'Agent distilled' }, { name: 'one', title: 'One' }, { name: 'two', title: 'Two' }], ...spec,
    },
    rungs: [rung('sft'), rung('one'), rung('two')],
    scores: [score('sft', null), score('one', against([2])), score('two', against([1, 3]))],
    ...change,
  })
}
const AT = '/evaluate/ladder/20260101-100000-0001'

test('a difference says over which seeds it is, where one of both has others', async () => {
  const shown = await open({ ladders: [ladderOf({ scores: [score('sft', against()), score('one', against([2])), score('two', against([1, 3]))] })] }, AT)
  await soon(() => expect(shown.all('ladder-difference').map((line) => line.text())).toEqual([
    'Against sft: +10 (+2 to +20) points', 'Against sft: +10 (+2 to +20) points, seed 2 alone', 'Against sft: +10 (+2 to +20) points, seeds 1, 3 alone',
  ]))
  expect([...document.querySelectorAll('[data-testid=ladder-table] th')].map((head) => head.textContent?.replace(/\s+/g, ' ').trim())).toEqual(['Rung', 'Out of domain 050100 %', 'Trained on'])
})

test('a rung that was trained on fewer tokens says so, and so does every difference that is not on the same ones', async () => {
  const trained = (tokens: number) => ({ trajectories: 3, tokens, lossTokens: 9, steps: 1, seconds: 1 })
  const train = { data: { form: 'agent' } }
  const arms = [{ name: 'sft', title: 'A', train }, { name: 'one', title: 'One', train }, { name: 'two', title: 'Two', like: 'one' }, { name: 'three', title: 'Three', train }]
  const rungs = [rung('sft', { trained: trained(11_990) }), rung('one', { trained: trained(148) }), rung('two'), rung('three', { trained: trained(11_000) })]
  const scores = [score('sft', null), score('one', against()), score('two', against()), score('three', against())]
  const shown = await open({ ladders: [ladderOf({ rungs, scores }, { arms })] }, AT)
  await soon(() => expect(shown.all('ladder-short').map((line) => line.text())).toEqual(['Seed 1: 148 of 12,000 tokens. Its data came to no more that could be taken.']))
  expect(shown.all('ladder-difference').map((line) => line.text().includes('not on the same tokens'))).toEqual([true, true, false])
})

test('a rung that failed says so in a row of its own, with the names of files; the whole of it is there on demand', async () => {
  const error = { code: 'files-changed', message: 'the student is another one', found: 'another /far/away/models/tiny.gguf', where: '/far/away/p/ladders/1', expected: 'the same' }
  const shown = await open({ ladders: [ladderOf({ rungs: [rung('sft'), rung('one', { state: 'failed', error }), rung('two')] })] }, AT)
  await soon(() => expect(shown.all('ladder-errors')).toHaveLength(1))
  expect(document.querySelector('[data-testid=ladder-errors] td')!.getAttribute('colspan')).toBe('3')
  expect(document.querySelector('[data-testid=ladder-errors] summary')!.textContent).toBe('Seed 1: the student is another one: another …/tiny.gguf')
  expect(document.querySelector('[data-testid=ladder-errors] [role=alert]')!.textContent).toContain('/far/away/p/ladders/1')
  expect(document.querySelector('[data-testid=ladder-rung]')!.textContent).not.toContain('/far/away')
})

test('own and swapped thoughts are told apart, or are of an older version', async () => {
  const share = { value: 0.5, low: 0.25, high: 0.75 }
  const row = { arm: 'sft', seed: 1, steps: 40, actAccuracy: { own: share, swapped: share }, thoughtTokens: { student: 9, expert: 8 }, matchRate: share }
  const shown = await open({ ladders: [ladderOf({ rationale: [{ ...row, tasks: 20, actAccuracy: { ...row.actAccuracy, difference: { value: 0.25, low: 0.05, high: 0.5 } } }] })] }, AT)
  await soon(() => expect(shown.find('ladder-own-less').text()).toBe('+25 (+5 to +50) points'))
  expect(shown.has('ladder-narrow')).toBe(false)
  shown.unmount()
  const older = await open({ ladders: [ladderOf({ rationale: [row] })] }, AT)
  await soon(() => expect(older.find('ladder-narrow').text()).toContain('too narrow'))
  expect(older.has('ladder-own-less')).toBe(false)
})

test('what cannot be read is listed with its reason', async () => {
  const shown = await open({ ladders: [ladderOf()], damaged: { evaluations: [{ id: '20260101-100000-0002', problem: 'this evaluation cannot be read' }], ladders: [{ id: '20260101-100000-0003', problem: 'no JSON' }] } }, AT)
  await soon(() => expect(shown.all('damaged-row').map((row) => row.text().replace(/\s+/g, ' '))).toEqual(['20260101-100000-0003 cannot be read: no JSON']))
})

test('one version is named by the way; two are told', async () => {
  const shown = await open({ ladders: [ladderOf()] }, AT)
  await soon(() => expect(shown.find('ladder-facts').text()).toBe('12,000 training tokens a rung · Out of domain: 40 tasks, seed 4 · taught by the suite’s expert · version 0.1.0'))
  expect(shown.has('ladder-versions')).toBe(false)
  shown.unmount()
  const again = await open({ ladders: [ladderOf({ versions: ['0.1.0', '0.2.0', '0.1.0'] })] }, AT)
  await soon(() => expect(again.find('ladder-versions').text()).toContain('worked at it: 0.1.0, then 0.2.0, then 0.1.0. Limits and settings'))
  expect(again.find('ladder-facts').text()).not.toContain('version')
})

test('what has changed since a ladder began is told with the rungs that came before', async () => {
  const shown = await open({ ladders: [ladderOf({ changes: [{ parts: ['expert', 'tools'], version: '0.2.0', before: ['sft 1', 'one 1'] }] })] }, AT)
  await soon(() => expect(shown.find('ladder-change').text()).toBe('Changed since this ladder began, when version 0.2.0 went on with it: the expert, the tools. Rungs that were begun before (sft 1, one 1) and those after are not on the same data.'))
})

test('tasks of a file are told by its name', () => {
  const t = (key: string, values: Record<string, unknown>): string => `${key.split('.').at(-1)} ${JSON.stringify(values)}`
  const { spec } = ladderOf({}, { tasks: [{ name: 'file', choice: { from: 'file', path: '/data/gsm.jsonl', sha256: '', count: 1000 } }] })
  expect(ladderFacts({ spec }, { t, setText: (name) => name })).toBe('tokens {"n":"12,000"} · file {"set":"file","n":"1,000","file":"gsm.jsonl"} · expert {}')
})

const TEACHER = { teacher: { type: 'endpoint', provider: 'p', kind: 'openai-compatible', name: 'Fake', baseUrl: 'http://127.0.0.1:1/v1', model: 'm' }, prices: { input: 1, output: 2 }, budget: { cost: 0.05, tokens: null }, traffic: { concurrency: 1, requestsPerMinute: null, tokensPerMinute: null, tries: 1, patience: 1 } }
const usage = { requests: 9, replayed: 0, promptTokens: 900, tokens: 100, assumed: 0, cost: 0.02 }
const taught = (batch: string) => ({ batch, episodes: 9, kept: 6, rejected: 3, rejections: [], firstThoughts: { continued: 0, instructed: 0 }, usage })
const trained = { trajectories: 3, tokens: 100, lossTokens: 40, steps: 2, seconds: 1 }
const arm = (name: string, data: object) => ({ name, title: name, train: { data: { form: 'agent', ...data } } })

/** Stopped at its budget, before the second of two kinds of data was whole. */
const atBudget = (): Ladder =>
  ladderOf(
    {
      state: 'failed', scores: [],
      rungs: [rung('sft', { taught: taught('a'), trained }), rung('sad', { taught: taught('a'), trained }), rung('first', { taught: taught('b'), state: 'failed', error: { code: 'budget-reached', message: 'the budget is reached' } })],
    },
    { teacher: TEACHER, arms: [arm('sft', {}), arm('sad', {}), arm('first', { firstThought: 'all' })] },
  )

test('what a teacher was paid counts once for rungs that share their data; a larger budget is proposed where it was reached', () => {
  const reached = atBudget()
  expect(spendingOf(reached)).toMatchObject({ teacher: 'endpoint', reached: true, budget: { cost: 0.05, tokens: null }, usage: { cost: 0.04, promptTokens: 1800, tokens: 200 }, proposed: { cost: 0.096, tokens: null } })
  const stopped = ladderOf({ rungs: reached.rungs.slice(0, 2) }, reached.spec)
  expect(spendingOf(stopped)).toMatchObject({ reached: false, usage: { cost: 0.02 }, proposed: { cost: 0.05, tokens: null } })
  expect(spendingOf(ladderOf())).toBeNull()
})

test('a ladder that stopped at its budget says what is spent, and goes on with a larger one', async () => {
  const resume = vi.fn(async () => ({ id: 'x' }))
  const shown = await open({ ladders: [atBudget()], resume }, AT)
  await soon(() => expect(shown.find('ladder-spent').text()).toContain('0.04 of 0.05'))
  expect(shown.find('ladder-facts').text()).toContain('taught by Fake: m')
  expect(shown.has('ladder-reached')).toBe(true)
  await shown.find('ladder-resume').trigger('click')
  await soon(() => expect((shown.find('go-on-cost').element as HTMLInputElement).value).toBe('0.096'))
  expect(resume).not.toHaveBeenCalled()
  await shown.find('go-on').trigger('submit')
  await soon(() => expect(resume).toHaveBeenCalledWith({ project: '/project', id: atBudget().id, budget: { cost: 0.096, tokens: null } }))
})

test('where a script teaches, a ladder goes on at once', async () => {
  const resume = vi.fn(async () => ({ id: 'x' }))
  const shown = await open({ ladders: [ladderOf({ state: 'stopped' })], resume }, AT)
  await soon(() => expect(shown.has('ladder-resume')).toBe(true))
  await shown.find('ladder-resume').trigger('click')
  await soon(() => expect(resume).toHaveBeenCalledWith({ project: '/project', id: atBudget().id }))
})

// The form of a new ladder: who teaches it, and the wish that it comes to.
import { afterEach, expect, test, vi } from 'vitest'
import { forecastText } from '../../../src/renderer/evaluate/forecastText.ts'
import { LADDER_DRAFT, newLadderOf, rungsFor } from '../../../src/renderer/evaluate/newLadderModel.ts'
import { ladderWishSchema, type SuiteInfo } from '../../../src/shared/contract/evaluating.ts'
import { teachingSchema } from '../../../src/shared/contract/routes/ladders.ts'
import { type FakeLadders, mountEvaluate } from './mountEvaluate.ts'

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 })
let page: Awaited<ReturnType<typeof mountEvaluate>> | null = null
const open = async (fake: FakeLadders) => (page = await mountEvaluate(fake, '/evaluate'))
afterEach(() => {
  page?.unmount()
  page = null
  sessionStorage.clear()
})

const TASKS = { suite: 'arith' as const, tasks: 40, seed: 3 }
const DRAFT = { ...LADDER_DRAFT, student: '/s.gguf' }
const PAID = { ...DRAFT, kind: 'endpoint' as const, provider: 'p', model: ' m ', priceRead: 3, priceWritten: 15, mostCost: 2, mostTokens: 900 }

test('an expert teaches as the rungs say: nothing is said of a teacher, whatever the form held before', () => {
  const made = newLadderOf(TASKS, { ...PAID, kind: 'expert', seeds: 3, rungs: ['sft'] })
  expect(made).not.toHaveProperty('teaching')
  expect(ladderWishSchema.parse(made.wish)).toMatchObject({ suite: 'arith', student: '/s.gguf', tasks: 40, taskSeed: 3, tokens: 50_000, seeds: [1, 2, 3], sag: 8, only: ['sft'] })
  expect(newLadderOf(TASKS, DRAFT).wish).not.toHaveProperty('only')
})

test('a model teaches with all that the form says, and with its own first thought unless that is off', () => {
  const { teaching } = newLadderOf(TASKS, PAID)
  expect(teachingSchema.parse(teaching)).toEqual({
    teacher: { type: 'endpoint', provider: 'p', model: 'm' }, firstThought: 'all', prices: { input: 3, output: 15 }, budget: { cost: 2, tokens: 900 },
    traffic: { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null, tries: 6, patience: 120 },
  })
  expect(newLadderOf(TASKS, { ...PAID, thought: 'families', families: ['a'] }).teaching!.firstThought).toEqual(['a'])
  expect(teachingSchema.parse(newLadderOf(TASKS, { ...PAID, kind: 'local', path: '/t.gguf' }).teaching)).toMatchObject({ teacher: { type: 'local', path: '/t.gguf' }, prices: null, budget: { cost: null, tokens: 900 }, traffic: { concurrency: 1 } })
})

const SUITE: SuiteInfo = {
  name: 'arith', title: 'Arithmetic', summary: 'Sums.', families: { train: ['a'], ood: ['b'] }, style: 'react', styles: ['react'], steps: 5, prompting: ['agent'],
  rungs: [{ name: 'sft', title: 'Agent distilled', byModel: false }, { name: 'first-thought', title: 'First thought', byModel: true }],
}

test('a rung of first thoughts is there where a model has them', () => {
  const names = (change: object): string[] => rungsFor(SUITE, { ...DRAFT, ...change }).map(({ name }) => name)
  expect(names({})).toEqual(['sft'])
  expect(names({ kind: 'local' })).toEqual(['sft', 'first-thought'])
  expect(names({ kind: 'local', thought: 'off' })).toEqual(['sft'])
})

const TOLD = { low: 2400, high: 7200, rungs: 5, unknown: ['CoT distilled'], basis: { trainings: 3, evaluations: 1 }, teaching: true }

test('how long a ladder may take is said with what it is taken from and what it leaves out, and plainly where it is not known', () => {
  const t = (key: string, values: Record<string, unknown>): string => `${key.split('.').at(-1)}(${Object.values(values).join(', ')})`
  expect(forecastText(TOLD, t)).toBe('time(range(40 min 0 s, 2 h 0 min), trainings(3)and()evaluations(1)) unknown(CoT distilled, 5) teaching()')
  expect(forecastText({ ...TOLD, high: 2400, unknown: [], basis: { trainings: 0, evaluations: 2 }, teaching: false }, t)).toBe('time(40 min 0 s, evaluations(2))')
  expect(forecastText(null, t)).toBe('none()')
})

const model = (path: string) => ({ path, name: path, bytes: 1e6, parameters: 1e6, architecture: 'llama', chatTemplate: true, notTrainable: null, broken: null })

test('a script has no first thought; a file of this machine teaches within its tokens, and the form is there again afterwards', async () => {
  const start = vi.fn(async () => ({ id: '20260101-100000-0001' }))
  const fake = { suites: [SUITE], models: [model('/models/tiny.gguf')], forecast: TOLD, start }
  const shown = await open(fake)
  const tab = async (name: string): Promise<void> => {
    const found = [...document.querySelectorAll('[role=tab]')].find((one) => one.textContent?.includes(name))
    found!.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 }))
  }
  await soon(() => expect(shown.text()).toContain('Sums.'))
  await tab('Climb a ladder')
  await soon(() => expect(shown.find('ladder-thought').text()).toContain('not applicable'))
  await soon(() => expect(shown.find('ladder-forecast').text()).toContain('About 40 min 0 s to 2 h 0 min, by 3 trainings and 1 evaluation on this suite of this student'))
  expect(shown.has('batch-mostTokens')).toBe(false)
  expect(shown.has('teacher-restate')).toBe(false)
  await tab('Model file')
  await soon(() => expect(shown.has('batch-thought')).toBe(true))
  expect(shown.has('ladder-thought')).toBe(false)
  await shown.find('batch-mostTokens').setValue('5000')
  await soon(() => expect(shown.has('ladder-problems')).toBe(false))
  await shown.find('new-evaluation').trigger('submit')
  await soon(() => expect(start).toHaveBeenCalledOnce())
  expect(start).toHaveBeenCalledWith(expect.objectContaining({ teaching: expect.objectContaining({ teacher: { type: 'local', path: '/models/tiny.gguf' }, budget: { cost: null, tokens: 5000 } }) }))
  await soon(() => expect(shown.path()).toBe('/evaluate/ladder/20260101-100000-0001'))
  shown.unmount()
  const again = await open(fake)
  await soon(() => expect(again.text()).toContain('Sums.'))
  await tab('Climb a ladder')
  await soon(() => expect((again.find('batch-mostTokens').element as HTMLInputElement).value).toBe('5000'))
})

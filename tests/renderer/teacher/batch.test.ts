// Forms and figures of batches, against cases made by hand.
import { describe, expect, test } from 'vitest'
import { batchDraftSchema, batchOfJob, DRAFT, draftOf, etaOf, isPassed, isUnlisted, liveRow, metersOf, missesKey, overBudget, problemsOf, progressOf, spendingOf, trajectoriesOf, wantedOf, type Tallies } from '../../../src/renderer/teacher/batchModel.ts'
import { isRaised } from '../../../src/renderer/teacher/teachingModel.ts'
import { pageAt } from '../../../src/renderer/teacher/episodePages.ts'
import { draftKeeper } from '../../../src/renderer/teacher/keptDraft.ts'
import { costText } from '../../../src/shared/cost.ts'
import type { RolloutEstimate, RolloutJob, RolloutRow } from '../../../src/shared/contract/rollouts.ts'
import { wantedRolloutsSchema } from '../../../src/shared/contract/routes/rollouts.ts'
import type { RolloutBatch } from '../../../src/shared/records/rollout.ts'

const PAID = { ...DRAFT, kind: 'endpoint' as const, provider: 'p', model: ' m ', priceRead: 3, priceWritten: 15, mostCost: 2, mostTokens: 900 }

describe('what a form comes to', () => {
  test('an expert has neither price, nor first thought, nor log-probs, whatever the form held before', () => {
    const wanted = wantedOf({ ...PAID, kind: 'expert', thought: 'all', logprobs: 5, recovery: 0.5 })
    expect(wanted).toMatchObject({ teacher: { type: 'expert', settings: { recovery: 0.5 } }, prices: null, budget: { cost: null, tokens: null }, traffic: { concurrency: 4 } })
    expect(wanted).not.toHaveProperty('firstThought')
    expect(wanted).not.toHaveProperty('logprobs')
    expect(wantedRolloutsSchema.safeParse(wanted).success).toBe(true)
  })

  test('an endpoint has all of it, in the contract’s own shape', () => {
    const wanted = wantedOf({ ...PAID, thought: 'families', families: ['a'], logprobs: 5 })
    expect(wanted).toMatchObject({
      teacher: { type: 'endpoint', provider: 'p', model: 'm' }, firstThought: ['a'], logprobs: 5, prices: { input: 3, output: 15 }, budget: { cost: 2, tokens: 900 },
    })
    expect(wantedRolloutsSchema.safeParse(wanted).success).toBe(true)
  })

  test('the limit of repeats is the usual one, none, or its number; of a batch it is as it was', () => {
    expect(wantedOf(DRAFT)).not.toHaveProperty('repeats')
    expect([wantedOf({ ...DRAFT, repeats: 0 }).repeats, wantedOf({ ...DRAFT, repeats: 7 }).repeats]).toEqual([0, 7])
    expect(wantedRolloutsSchema.safeParse(wantedOf({ ...DRAFT, repeats: 1 })).success).toBe(false)
  })

  test('kinds of tasks are those that are chosen, and all where none is', () => {
    expect(wantedOf(DRAFT)).not.toHaveProperty('families')
    expect(wantedOf({ ...DRAFT, only: ['a', 'b'], families: ['c'] })).toMatchObject({ families: ['a', 'b'] })
  })

  test('a file of this machine works at one episode at a time and costs nothing', () => {
    expect(wantedOf({ ...PAID, kind: 'local', path: '/m.gguf' })).toMatchObject({ teacher: { type: 'local', path: '/m.gguf' }, prices: null, budget: { cost: null, tokens: 900 }, traffic: { concurrency: 1 } })
  })

  test.each([
    ['nothing', DRAFT, [], []],
    ['no endpoint', { ...PAID, provider: '' }, ['no-provider'], []],
    ['no model', { ...PAID, model: ' ' }, ['no-model'], []],
    ['no file', { ...DRAFT, kind: 'local' as const }, ['no-file'], []],
    ['one price', { ...PAID, priceRead: null }, ['half-prices'], []],
    ['a limit without prices', { ...PAID, priceRead: null, priceWritten: null }, ['no-prices'], []],
    ['no families', { ...PAID, thought: 'families' as const }, ['no-families'], []],
    ['the same episodes', { ...PAID, perTask: 2 }, [], ['same-episodes']],
    ['one repeat', { ...PAID, repeats: 1 }, ['one-repeat'], []],
    ['an expert’s voices', { ...DRAFT, perTask: 2 }, [], []],
  ])('what keeps it from being begun: %s', (_, draft, stops, warns) => {
    expect(problemsOf(draft)).toEqual({ stops, warns })
  })

  test('is kept for another time; what is not of this version is not', () => {
    const kept = new Map<string, string>()
    const memory = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) }
    const keeper = draftKeeper('form', batchDraftSchema)
    expect(keeper.kept(memory)).toBeNull()
    keeper.keep(memory, PAID)
    expect(keeper.kept(memory)).toEqual(PAID)
    for (const name of kept.keys()) kept.set(name, '{"kind":"oracle"}')
    expect(keeper.kept(memory)).toBeNull()
    for (const name of kept.keys()) kept.set(name, '{')
    expect(keeper.kept(memory)).toBeNull()
  })

  test('another like it goes on where the tasks of the first end', () => {
    const settings = { suite: 'shop', families: ['price'], tasks: 30, first: 10, seed: 4, perTask: 2, style: 'react', temperature: 0.5, topP: 0.9, firstThought: ['x'], logprobs: 3, limits: { steps: 9, turnTokens: 80 }, teacher: { type: 'endpoint', provider: 'p', model: 'm' } }
    const batch = { settings, prices: { input: 1, output: 2 }, budget: { cost: 5, tokens: null }, traffic: { concurrency: 2, requestsPerMinute: 60, tokensPerMinute: null, tries: 3, patience: 10 } } as unknown as RolloutBatch
    expect(draftOf(batch)).toMatchObject({ kind: 'endpoint', provider: 'p', model: 'm', suite: 'shop', only: ['price'], first: 40, thought: 'families', families: ['x'], steps: 9, repeats: 0, priceRead: 1, mostCost: 5, concurrency: 2, tries: 3 })
  })
})

describe('figures', () => {
  const usage = { cost: 0.5, promptTokens: 100, tokens: 20 } as Tallies['usage']

  test('a meter counts what is paid, and beside it what is open', () => {
    expect(metersOf({ usage }, { teacher: 'endpoint', budget: { cost: 2, tokens: null }, reserved: { cost: 0.25, tokens: 7 } })).toEqual([
      { kind: 'cost', spent: 0.5, reserved: 0.25, limit: 2 },
      { kind: 'tokens', spent: 120, reserved: 7, limit: null },
    ])
    expect(metersOf({ usage: { ...usage, cost: null } }, { teacher: 'local', budget: { cost: null, tokens: 200 }, reserved: null })).toEqual([{ kind: 'tokens', spent: 120, reserved: 0, limit: 200 }])
    // A script has neither tokens nor a price: no meter stands at nothing.
    expect(metersOf({ usage: { ...usage, cost: 0, promptTokens: 0, tokens: 0 } }, { teacher: 'expert', budget: { cost: null, tokens: null }, reserved: null })).toEqual([])
  })

  test('a limit that was passed is told from one that was reached', () => {
    const meter = { kind: 'cost', spent: 3.6, reserved: 0, limit: 0.5 } as const
    expect([meter, { ...meter, limit: 3.6 }, { ...meter, limit: null }].map(isPassed)).toEqual([true, false, false])
  })

  test('an estimate that passes the budget says of what', () => {
    const estimate = { cost: 3, promptTokens: 90, tokens: 20 } as RolloutEstimate
    expect(overBudget(estimate, { cost: 2, tokens: 50 })).toBe('cost')
    expect(overBudget(estimate, { cost: 3, tokens: 109 })).toBe('tokens')
    expect(overBudget(estimate, { cost: null, tokens: 110 })).toBeNull()
  })

  test('small costs keep their digits', () => {
    expect([0, 0.0031, 0.12, 1234.5].map(costText)).toEqual(['0.00', '0.0031', '0.12', '1,234.50'])
  })

  test('a budget that was reached goes on with a higher one, and only with one', () => {
    const row = { state: 'budget', done: 12, total: 40, rejections: [{ reason: 'model-failed', count: 2 }], usage: { ...usage, cost: 0.049, promptTokens: 900, tokens: 100 }, batch: { budget: { cost: 0.05, tokens: 9000 }, settings: { teacher: { type: 'endpoint' } } } } as RolloutRow
    // 40 episodes take four times what 10 took, and some more; those that failed are to be made again.
    expect(spendingOf(row).proposed).toEqual({ cost: 0.24, tokens: 9000 })
    expect(spendingOf({ ...row, done: 40, rejections: [] }).proposed).toEqual({ cost: 0.075, tokens: 9000 })
    expect(spendingOf({ ...row, usage: { ...usage, cost: null }, batch: { ...row.batch, budget: { cost: null, tokens: 130 } } }).proposed).toEqual({ cost: null, tokens: 580 })
    expect(spendingOf({ ...row, state: 'stopped' }).proposed).toBe(row.batch.budget)
    const before = { cost: 0.05, tokens: null }
    expect([{ cost: 0.05, tokens: null }, { cost: 0.05, tokens: 7 }, { cost: 0.06, tokens: null }, { cost: null, tokens: null }].map((now) => isRaised(before, now))).toEqual([false, false, true, true])
  })

  test('the time left is of this start’s rate, and unknown after one episode', () => {
    const tallies = { done: 14, total: 20 } as Tallies
    expect(etaOf(tallies, { seconds: 8, before: 10 })).toBe(12)
    expect(etaOf(tallies, { seconds: 8, before: 13 })).toBeNull()
  })

  test('a row is as its own job has it', () => {
    const row = { batch: { id: 'b' }, done: 1, kept: 1, state: 'stopped' } as RolloutRow
    const job = { id: 'j', state: { type: 'running', progress: { batch: 'b', done: 5, kept: 4 } } } as RolloutJob
    expect(liveRow(row, job)).toMatchObject({ done: 5, kept: 4, state: 'running' })
    expect(liveRow({ ...row, batch: { id: 'c' } } as RolloutRow, job).state).toBe('stopped')
    expect(progressOf(job, 'c')).toBeNull()
    expect(batchOfJob(job)).toBe('b')
    expect(batchOfJob({ id: 'j', state: { type: 'done', report: { batch: 'd' } } } as RolloutJob)).toBe('d')
  })
})

test('a key is missed only where the address is not of this machine', () => {
  const at = (baseUrl: string, keySource: 'none' | 'keychain' = 'none'): boolean => missesKey({ baseUrl, keySource } as Parameters<typeof missesKey>[0])
  expect([at('https://api.example.org/v1'), at('http://127.0.0.1:8080/v1'), at('http://localhost/v1'), at('https://api.example.org', 'keychain')]).toEqual([true, false, false, false])
})

test('a model that the endpoint does not list is told from one of an endpoint that lists none', () => {
  expect([isUnlisted({ models: ['a', 'b'] }, ' b '), isUnlisted({ models: ['a'] }, 'b'), isUnlisted({ models: [] }, 'b'), isUnlisted({ models: ['a'] }, '')]).toEqual([false, true, false, false])
})

test('what a batch made is found in the list by its teacher and tasks; a file by its format', () => {
  const row = (teacher: object) => ({ teacher: 'Big: m', batch: { settings: { teacher, suite: 'arith', seed: 7 } } }) as RolloutRow
  expect(trajectoriesOf(row({ type: 'endpoint' }))).toEqual({ format: 'retort-rollout', file: 'Big: m | arith/train/7' })
  expect(trajectoriesOf(row({ type: 'local' }))).toEqual({ format: 'retort-rollout' })
})

test('pages are seen from the end of a list that grows', () => {
  expect(pageAt(0, 30)).toEqual({ offset: 0, limit: 30 })
  expect(pageAt(0, 120)).toEqual({ offset: 70, limit: 50 })
  expect(pageAt(2, 120)).toEqual({ offset: 0, limit: 20 })
  expect(pageAt(3, 120)).toEqual({ offset: 0, limit: 0 })
})

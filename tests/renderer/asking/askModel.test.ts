// Who can be asked at a step, what a form comes to, and what may be accepted.
import { describe, expect, test } from 'vitest'
import { ASK_DRAFT, askedWith, chosenTeacher, freshSeed, isBy, keepAskDraft, keptAskDraft, modelOf, problemOf, refusalOf, storedOf, teacherChoices } from '../../../src/renderer/asking/askModel.ts'
import type { Continuation } from '../../../src/shared/contract/asking.ts'
import type { ProviderRow } from '../../../src/shared/contract/routes/chat.ts'
import type { Model } from '../../../src/shared/contract/routes/models.ts'
import type { ListedPreference } from '../../../src/shared/records/preference.ts'

const provider = { id: 'p', name: 'Provider', models: ['big'], baseUrl: 'http://127.0.0.1/v1' } as unknown as ProviderRow
const model = (path: string, parameters: number): Model => ({ path, parameters, broken: null, chatTemplate: true }) as unknown as Model
const label = (suite: string): string => `Expert of ${suite}`
const place = { step: 2, expert: { suite: 'arith' as const, seed: 9 } }
const all = teacherChoices({ expert: place.expert, providers: [provider], models: [model('/m/small.gguf', 1), model('/m/large.gguf', 2)] }, label)

test('those who can be asked: the expert of the task, endpoints, then files that talk', () => {
  expect(all.map(({ value }) => value)).toEqual(['expert', 'endpoint p', 'local /m/large.gguf', 'local /m/small.gguf'])
  expect(teacherChoices({ expert: null, providers: [], models: [{ ...model('/m/mute.gguf', 1), chatTemplate: false }] }, label)).toEqual([])
  expect(chosenTeacher(all, { who: 'local /m/small.gguf' })?.path).toBe('/m/small.gguf')
  expect(chosenTeacher(all, { who: 'endpoint gone' })?.kind).toBe('expert')
  expect(chosenTeacher([], { who: '' })).toBeNull()
})

test('prices, budget and log-probabilities are sent to endpoints alone, the place of the task to its expert', () => {
  const draft = { ...ASK_DRAFT, priceRead: 1, priceWritten: 2, mostCost: 3, logprobs: 4 }
  const [expert, endpoint, local] = all
  expect(askedWith(expert!, draft, place)).toEqual({ teacher: { type: 'expert', settings: {} }, settings: { step: 2, n: 4, temperature: 0.7, seed: 0, turnTokens: 512, suite: 'arith', suiteSeed: 9 } })
  expect(askedWith(endpoint!, draft, place)).toMatchObject({ teacher: { type: 'endpoint', provider: 'p', model: 'big' }, settings: { logprobs: 4, prices: { input: 1, output: 2 }, budget: { cost: 3, tokens: null } } })
  expect(askedWith(local!, draft, place)).toEqual({ teacher: { type: 'local', path: '/m/large.gguf' }, settings: { step: 2, n: 4, temperature: 0.7, seed: 0, turnTokens: 512 } })
})

test('what keeps it from being asked', () => {
  const endpoint = all[1]!
  expect(modelOf(endpoint, { model: ' own ' })).toBe('own')
  expect(problemOf(endpoint, ASK_DRAFT)).toBeNull()
  expect(problemOf({ ...endpoint, provider: { ...provider, models: [] } }, ASK_DRAFT)).toBe('no-model')
  expect(problemOf(endpoint, { ...ASK_DRAFT, priceRead: 1 })).toBe('half-prices')
  expect(problemOf(endpoint, { ...ASK_DRAFT, mostCost: 1 })).toBe('no-prices')
  expect(problemOf(all[0]!, { ...ASK_DRAFT, mostCost: 1 })).toBeNull()
})

test('seeds that were asked all are known; others begin behind them', () => {
  const asked = (seed: number, n: number, temperature = 0.7) => ({ seed, temperature, continuations: Array.from({ length: n }, (_, index) => ({ index }) as unknown as Continuation) })
  expect(freshSeed(ASK_DRAFT, [])).toBeNull()
  expect(freshSeed(ASK_DRAFT, [asked(0, 3)])).toBeNull()
  expect(freshSeed(ASK_DRAFT, [asked(0, 4, 0)])).toBeNull()
  expect(freshSeed(ASK_DRAFT, [asked(2, 9), asked(0, 3)])).toBe(11)
  const [expert, endpoint, local] = all
  expect([isBy({ teacher: 'expert of arith' }, expert!, ASK_DRAFT), isBy({ teacher: 'Provider: big' }, endpoint!, ASK_DRAFT), isBy({ teacher: 'Provider: big' }, endpoint!, { model: 'other' }), isBy({ teacher: 'large' }, local!, ASK_DRAFT)]).toEqual([true, true, false, true])
})

test('the form is kept, and one of another version is not', () => {
  const kept = new Map<string, string>()
  const memory = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) }
  expect(keptAskDraft(memory)).toEqual(ASK_DRAFT)
  keepAskDraft(memory, { ...ASK_DRAFT, n: 7 })
  expect(keptAskDraft(memory).n).toBe(7)
  for (const broken of ['{', '{"n":0}']) {
    memory.setItem([...kept.keys()][0]!, broken)
    expect(keptAskDraft(memory)).toEqual(ASK_DRAFT)
  }
})

describe('accepting', () => {
  const came = { turn: { text: 'x' }, same: false, problem: null, end: 'stop' } as unknown as Continuation
  test.each([
    ['can be accepted', came, {}, null],
    ['did not come', { ...came, turn: null }, {}, 'failed'],
    ['says the same', { ...came, same: true }, {}, 'same'],
    ['cannot be read', { ...came, problem: 'found no action' }, {}, 'unreadable'],
    ['was cut off', { ...came, end: 'length' }, {}, 'cut-off'],
    ['is of a step that changed', came, { isCurrent: false }, 'changed'],
    ['has one beside it that was accepted', came, { isAccepted: true, isCurrent: false }, 'accepted'],
  ] as const)('one that %s', (_, continuation, change, refusal) => {
    expect(refusalOf(continuation, { isCurrent: true, isAccepted: false, ...change })).toBe(refusal)
  })
  test('what it stored is the preference of this asking', () => {
    const stored = (id: string, asked: string, entry: number) => ({ id, at: `at ${id}`, author: `author ${id}`, entry, provenance: { asked, continuation: entry } })
    const again = { ...stored('c', 'four', 3), turn: 2 }
    const preferences = [{ ...stored('a', 'one', 1), turn: 2, again: [stored('c', 'four', 3)] }, { ...stored('b', 'two', 2), again: [] }] as unknown as ListedPreference[]
    expect(storedOf({ id: 'two' }, preferences)?.id).toBe('b')
    expect(storedOf({ id: 'one' }, preferences)).toEqual(preferences[0])
    // Of a pair that two askings stored each has its own: undoing takes back that one.
    expect(storedOf({ id: 'four' }, preferences)).toEqual({ ...again, again: [expect.objectContaining(stored('a', 'one', 1))] })
    expect(storedOf({ id: 'three' }, preferences)).toBeNull()
    expect(storedOf(null, preferences)).toBeNull()
  })
})

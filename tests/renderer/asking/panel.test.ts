// The panel of asking a teacher in the Trajectory screen, against an engine made by hand.
import { afterEach, expect, test, vi } from 'vitest'
import { openedOf, SMALL } from '../editor/records.ts'
import { fakeEngine, mountEditor } from '../editor/mountEditor.ts'
import { RetortError } from '../../../src/shared/errors.ts'

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 })
const ESTIMATE = { requests: 2, promptTokens: 100, tokens: 20, cost: 0.5, most: { tokens: 400, cost: 2 }, basis: 'the context' }
const spans = [{ kind: 'reason', start: 0, end: 9, rule: 'test' }]
const continuation = (index: number, text: string) => ({
  index, turn: { role: 'agent', text, calls: [], executed: [] }, spans, end: 'stop', problem: null, same: false, sameDoing: true, tokens: 5, promptTokens: 50, seconds: 1, cost: 0.25,
  coverage: { tokens: 4, of: 5, mean: -0.5 }, error: null,
})

/** `fail`: what asking ends with. */
function teacher({ fail = null, models = [] as object[], providers = [] as object[] }: { fail?: RetortError | null; models?: object[]; providers?: object[] }) {
  const kept: object[] = []
  const preferences: object[] = []
  const recorded = { ...openedOf(SMALL, [], 't1').shown.turns[1]! }
  const calls = { accepted: [] as object[], asked: [] as { settings: object }[] }
  const api = {
    models: { list: async () => ({ models, adapters: [], folders: [] }) },
    chat: { providers: { list: async () => providers } },
    asking: {
      expert: async () => ({ expert: null }),
      estimate: async () => ESTIMATE,
      list: async () => [...kept],
      preferences: async () => [...preferences],
      async ask(given: { settings: object }) {
        calls.asked.push(given)
        return (async function* () {
          yield { type: 'continuation', continuation: continuation(1, 'Second one.') }
          if (fail) throw fail
          yield { type: 'continuation', continuation: continuation(0, 'First one.') }
          const usage = { requests: 2, promptTokens: 100, tokens: 10, assumed: 0, replayed: 0, cost: 0.5 }
          const asked = { id: 'a1', at: '2026-01-02T03:04:05.000Z', trajectory: 't1', step: 0, turn: 1, revision: '', stands: true, recorded, recordedSpans: recorded.spans, teacher: 'Fake: m', temperature: 0.7, topP: 1, seed: 0, continuations: [continuation(0, 'First one.'), continuation(1, 'Second one.')], usage }
          kept.push(asked)
          yield { type: 'asked', asked }
        })()
      },
      async accept(given: { asked: string; continuation: number }) {
        calls.accepted.push(given)
        preferences.push({ id: 'p1', at: '2026-01-02T03:04:05.000Z', author: '', turn: 1, step: 0, context: [{}], entry: 1, again: [], provenance: { teacher: 'Fake: m', asked: given.asked, continuation: given.continuation, temperature: 0.7, topP: 1, seed: 1 } })
        return {}
      },
    },
  }
  return { api, calls }
}
const PROVIDER = { id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', models: ['m'], keySource: 'none', environmentVariable: 'X' }

let page: Awaited<ReturnType<typeof mountEditor>> | null = null
async function open(made: ReturnType<typeof teacher>) {
  page = await mountEditor(fakeEngine(), 't1', made.api)
  await soon(() => expect(page!.pieces(1)).toHaveLength(2))
  page.key('q')
  await soon(() => expect(page!.has('ask-panel')).toBe(true))
  return page
}
afterEach(() => {
  page?.unmount()
  page = null
  localStorage.clear()
})

test('without a teacher it says how to get one, with the way there', async () => {
  const page = await open(teacher({}))
  await soon(() => expect(page.find('ask-nobody').text()).toContain('No teacher is known yet'))
  expect(page.all('[data-testid="ask-nobody"] a').map((link) => link.attributes('href'))).toEqual(['/teacher', '/settings', '/models'])
  page.key('q')
  await soon(() => expect(page.has('ask-panel')).toBe(false))
})

test('the cost comes first; continuations stand in their order with what they took; accepting one shows what is stored', async () => {
  const made = teacher({ providers: [PROVIDER] })
  const page = await open(made)
  await soon(() => expect(page.find('ask-cost').text()).toContain('0.50'))
  expect(made.calls.asked).toEqual([])
  await page.find('ask-start').trigger('submit')
  await soon(() => expect(page.has('accept-1')).toBe(true))
  expect(made.calls.asked).toMatchObject([{ teacher: { type: 'endpoint', provider: 'fake', model: 'm' }, settings: { step: 0, n: 4 } }])
  expect(page.all('[data-testid="ask-columns"] article').map((card) => card.attributes('data-testid'))).toEqual(['ask-recorded', 'continuation-0', 'continuation-1'])
  expect(page.all('[data-testid="continuation-0"] [data-span]').map((piece) => piece.attributes('data-span'))).toEqual(['reason'])
  expect(page.all('[data-testid="continuation-1"] [data-testid="continuation-figures"]')[0]!.text()).toBe('5 tokens · 1.0 s · 0.25 · log-probs of 80 %, mean -0.50')
  await soon(() => expect(page.find('accept-1').attributes('disabled')).toBeUndefined())
  await page.find('accept-1').trigger('click')
  await soon(() => expect(page.find('ask-stored').text()).toContain('Fake: m, continuation 2, temperature 0.7'))
  expect(made.calls.accepted).toMatchObject([{ asked: 'a1', continuation: 1 }])
  expect(page.find('accept-0').attributes('disabled')).toBeDefined()
})

test('an asking that fails as a whole says why', async () => {
  const made = teacher({ providers: [PROVIDER], fail: new RetortError({ code: 'no-key', message: 'the teacher wants a key', found: 'none' }) })
  const page = await open(made)
  await soon(() => expect(page.find('ask-start').attributes('disabled')).toBeUndefined())
  await page.find('ask-start').trigger('submit')
  await soon(() => expect(page.text()).toContain('the teacher wants a key'))
  expect(page.has('ask-start')).toBe(true)
})

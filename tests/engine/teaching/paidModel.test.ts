// Equal requests at a time: one is asked, the others have its answer; where it fails, one of them asks after the other. Whoever waits for
// leave to ask, or to ask again, loses no time by it.
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ModelEvent } from '../../../src/core/agent/index.ts'
import { endpointModel } from '../../../src/engine/agent/index.ts'
import { plainTurn } from '../../../src/core/pipeline/trajectory/index.ts'
import { createRateLimit } from '../../../src/engine/providers/index.ts'
import { openRequestJournal } from '../../../src/engine/teaching/journal.ts'
import { createMeter, FREE_PRICES } from '../../../src/engine/teaching/meter.ts'
import { paidModel } from '../../../src/engine/teaching/paidModel.ts'
import { endpointOf } from '../../support/batches.ts'
import { ofType, play } from '../../support/episodes.ts'
import { fakeTeacher, type TeacherAnswer, type TeacherFault } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { manualClock } from '../../support/manualClock.ts'

const TRAFFIC = { concurrency: 8, requestsPerMinute: null, tokensPerMinute: null, tries: 1, patience: 60 }
const ANSWER: ModelEvent[] = [{ type: 'text', text: 'Well.' }, { type: 'end', reason: 'stop', tokens: 2, promptTokens: 3 }]
const REFUSED: ModelEvent[] = [{ type: 'failed', error: { code: 'endpoint-refused', message: 'no' } }]

/** `reply`: by the number of the request, from 0. */
function teacher(reply: (number: number) => readonly ModelEvent[]) {
  const waiting: (() => void)[] = []
  let asked = 0
  const journal = openRequestJournal(join(temporaryFolder(), 'requests.jsonl'))
  onTestFinished(() => journal.close())
  const meter = createMeter({ prices: FREE_PRICES, budget: { cost: null, tokens: null }, before: journal.before })
  const pending = new Map<string, Promise<unknown>>()
  const source = {
    name: 'Slow', identity: 'slow', metered: true, priced: true, scripted: false, concurrency: 8, know: () => undefined, dispose: async () => undefined,
    model: () => ({
      name: 'Slow',
      async *complete() {
        const number = asked++
        await new Promise<void>((resolve) => waiting.push(resolve))
        yield* reply(number)
      },
    }),
  }
  const model = paidModel({ source, journal, meter, rate: createRateLimit(TRAFFIC), traffic: TRAFFIC, logprobs: 0, pending, onNotice: () => undefined })
  const signal = new AbortController().signal
  const events = () => model.complete([plainTurn('user', 'How much?')], { tools: [], stop: [], maxTokens: 8, temperature: 0, topP: 1, seed: 1, signal })[Symbol.asyncIterator]()
  return {
    pending,
    events,
    usage: () => meter.usage(),
    asked: () => asked,
    ask: async (): Promise<ModelEvent[]> => {
      const heard: ModelEvent[] = []
      for await (const event of { [Symbol.asyncIterator]: events }) heard.push(event)
      return heard
    },
    /** The next request is answered when it has come. */
    answerNext: async (): Promise<void> => {
      await expect.poll(() => waiting.length, { interval: 5 }).toBeGreaterThan(0)
      waiting.shift()!()
    },
  }
}

test('four equal requests of which the first is refused are asked twice, and paid once', async () => {
  const slow = teacher((number) => (number === 0 ? REFUSED : ANSWER))
  const all = Promise.all(Array.from({ length: 4 }, slow.ask))
  await slow.answerNext()
  await slow.answerNext()
  const outcomes = await all
  expect(outcomes.map((events) => events.at(-1)!.type).sort()).toEqual(['end', 'end', 'end', 'failed'])
  expect(slow.asked()).toBe(2)
  expect(slow.usage()).toMatchObject({ requests: 1, answered: 1, failed: 1, replayed: 2, tokens: 2 })
  expect(slow.pending.size).toBe(0)
}, 20_000)

test('whoever comes while the second try is under way waits for that one', async () => {
  const slow = teacher((number) => (number === 0 ? REFUSED : ANSWER))
  const first = [slow.ask(), slow.ask()]
  await slow.answerNext()
  expect((await first[0]!).map(({ type }) => type)).toEqual(['failed'])
  await expect.poll(slow.asked, { interval: 5 }).toBe(2)
  const late = slow.ask()
  await slow.answerNext()
  expect(await Promise.all([first[1]!, late])).toEqual([ANSWER, ANSWER])
  expect(slow.asked()).toBe(2)
}, 20_000)

test('who reads no further than the failure keeps nobody waiting', async () => {
  const slow = teacher((number) => (number === 0 ? REFUSED : ANSWER))
  const failing = slow.events()
  const failed = failing.next()
  const other = slow.ask()
  await slow.answerNext()
  expect(await failed).toMatchObject({ value: { type: 'failed' } })
  await slow.answerNext()
  expect(await other).toEqual(ANSWER)
  expect(slow.pending.size).toBe(0)
}, 20_000)

describe('time of an episode', () => {
  const SECONDS = 60
  const ANSWERED: TeacherAnswer = { text: 'Action: finish[6]' }
  type Moments = { readonly pass?: () => void; readonly reserve?: () => void; readonly notice?: () => void; readonly reply?: (number: number) => TeacherAnswer | TeacherFault }

  /** An episode of a minute, with a teacher behind an endpoint; in some moments of it time passes. */
  async function episode(moments: (late: () => void) => Moments) {
    const clock = manualClock()
    const { pass, reserve, notice, reply = () => ANSWERED } = moments(() => clock.advance(SECONDS * 1000 + 1))
    const fake = await fakeTeacher((_, number) => reply(number))
    const endpoint = endpointOf(fake.baseUrl)
    const journal = openRequestJournal(join(temporaryFolder(), 'requests.jsonl'))
    onTestFinished(() => journal.close())
    const meter = createMeter({ prices: FREE_PRICES, budget: { cost: null, tokens: null }, before: journal.before })
    const source = {
      name: 'Fake', identity: 'fake', metered: true, priced: true, scripted: false, concurrency: 8, know: () => undefined, dispose: async () => undefined,
      model: (asking: object) => endpointModel({ endpoint, model: 'm', asking }),
    }
    const after = async (moment: (() => void) | undefined): Promise<void> => {
      await wait(0)
      moment?.()
    }
    const model = paidModel({
      source, journal, meter: { ...meter, reserve: async (...of) => after(reserve).then(() => meter.reserve(...of)) }, rate: { pass: () => after(pass) },
      traffic: { ...TRAFFIC, tries: 2 }, logprobs: 0, pending: new Map(), onNotice: () => void after(notice),
    })
    return play({ answers: [], limits: { seconds: SECONDS }, run: { model, clock } })
  }

  test.each<[string, (late: () => void) => Moments]>([
    ['the limit of rate', (pass) => ({ pass })],
    ['room in the budget', (reserve) => ({ reserve })],
    ['the pause that a busy endpoint names', (notice) => ({ notice, reply: (number) => (number === 0 ? { type: 'refuse', status: 429, headers: { 'retry-after': '0.3' } } : ANSWERED) })],
    ['the pause behind a broken answer', (notice) => ({ notice, reply: (number) => (number === 0 ? { type: 'cut' } : ANSWERED) })],
  ])('does not pass while it waits for %s', async (_, moments) => {
    const { end } = await episode(moments)
    expect(end).toMatchObject({ reason: 'answer', answer: '6' })
    expect(end.seconds).toBeGreaterThan(SECONDS)
  })

  test('passes while the teacher is at work', async () => {
    const { end, events } = await episode((late) => ({
      reply() {
        late()
        return ANSWERED
      },
    }))
    expect(end).toMatchObject({ reason: 'time', answer: null })
    expect(ofType(events, 'agent').at(-1)).toMatchObject({ end: 'time' })
  })
})

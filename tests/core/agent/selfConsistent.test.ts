// Self-consistent actions: what votes, what is taken, that nothing runs twice, and that the live state is never touched by losers.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool, foldEpisode, type Kit, openKit, selfConsistent } from '../../../src/core/agent/index.ts'
import type { ModelEvent } from '../../../src/core/agent/index.ts'
import { counterKit, type EpisodeInput, ofType, play, type Played } from '../../support/episodes.ts'
import { manualClock } from '../../support/manualClock.ts'
import { scriptedModel } from '../../support/scriptedModel.ts'

const vote = (samples: number, input: EpisodeInput): Promise<Played> =>
  play({ ...input, run: { policy: selfConsistent({ samples, temperature: 0.4, topP: 0.8 }), ...input.run } })
const calc = (expression: string): string => `Thought: hm.\nAction: calc[${expression}]`
const FINISH = 'Action: finish[12]'

/** A counter whose runs are counted outside of its state, as the cost of a search would be. */
function dearKit(runs: string[]): Kit {
  return openKit<number>({
    start: 0,
    tools: [
      defineTool<number, { by: number }>({
        name: 'add', description: 'adds', arguments: z.strictObject({ by: z.int() }),
        run({ by }, { state }) {
          runs.push(`${state}+${by}`)
          if (by < 0) throw new Error('only upwards')
          return { status: 'ok', text: `sum ${state + by}`, state: state + by }
        },
      }),
    ],
  })
}

test('the outcome that most samples come to is taken, however it is written; of its group the first', async () => {
  const { events } = await vote(3, { answers: [calc('2+5'), calc('3*4'), calc('4*3'), FINISH, FINISH, FINISH] })
  const [first] = ofType(events, 'vote')
  expect(first).toMatchObject({ step: 0, taken: 1 })
  expect(first!.candidates.map(({ votes }) => votes)).toEqual([1, 2, 2])
  expect(ofType(events, 'agent')[0]!.turn.text).toContain('calc[3*4]')
  expect(ofType(events, 'observation')[0]!.text).toBe('12')
  expect(foldEpisode(events).end?.answer).toBe('12')
})

test('each sample is drawn with its own seed at the settings of the vote', async () => {
  const { model } = await vote(3, { answers: [FINISH] })
  expect(new Set(model.asked.map(({ options }) => options.seed)).size).toBe(3)
  expect(model.asked.map(({ options: { temperature, topP } }) => [temperature, topP])).toEqual(Array.from({ length: 3 }, () => [0.4, 0.8]))
})

test('equal calls run once, and the run of the winner is the state from then on', async () => {
  const runs: string[] = []
  const add = (by: number): string => `Action: add[${by}]`
  const { events } = await vote(4, { kits: [dearKit(runs)], answers: [add(1), add(5), add(5), add(5), add(2), add(2), add(2), add(2), FINISH] })
  expect(runs).toEqual(['0+1', '0+5', '5+2'])
  expect(ofType(events, 'observation').map(({ text }) => text)).toEqual(['sum 5', 'sum 7'])
  expect(ofType(events, 'vote').slice(0, 2)).toMatchObject([{ runs: 2, calls: 4 }, { runs: 1, calls: 4 }])
})

test('what cannot be read and what fails has no vote, however often it comes', async () => {
  const runs: string[] = []
  const { events } = await vote(5, { kits: [dearKit(runs)], answers: ['no call', 'no call', 'Action: add[-1]', 'Action: add[-1]', 'Action: add[3]', FINISH] })
  const [{ taken, candidates }] = ofType(events, 'vote') as [ReturnType<typeof ofType<'vote'>>[number]]
  expect(taken).toBe(4)
  expect(candidates.map(({ votes }) => votes)).toEqual([0, 0, 0, 0, 1])
  expect(candidates.map(({ problem }) => problem !== null)).toEqual([true, true, true, true, false])
})

test('all different: the first that is valid. None valid: the first of all, and its error is the observation', async () => {
  const different = await vote(3, { answers: ['no call', calc('1+1'), calc('1+2'), FINISH] })
  expect(ofType(different.events, 'vote')[0]!.taken).toBe(1)
  const runs: string[] = []
  const none = await vote(2, { kits: [dearKit(runs)], answers: ['Action: add[-1]', 'no call', FINISH] })
  expect(ofType(none.events, 'vote')[0]!.taken).toBe(0)
  expect(ofType(none.events, 'observation')[0]).toMatchObject({ status: 'failed', text: 'only upwards' })
  const unread = await vote(2, { answers: ['no call', 'neither', FINISH] })
  expect(ofType(unread.events, 'observation')[0]).toMatchObject({ status: 'not-parsed' })
})

test('answers vote, too, as what they say and not as they are written', async () => {
  const { end } = await vote(4, { answers: ['Action: finish[7]', 'Action: finish[1,200.0]', 'Action: finish[1200]', 'Action: finish[ 1200. ]'] })
  expect(end).toMatchObject({ reason: 'answer', answer: '1,200.0' })
})

test('a call that ends the episode ends it, in the state that it left', async () => {
  const { end, events } = await vote(2, { kits: [counterKit()], answers: ['Action: trouble[open]', 'Action: trouble[open]'] })
  expect(end).toMatchObject({ reason: 'environment', answer: null })
  expect(ofType(events, 'observation')[0]!.text).toBe('the door opens')
})

test('copies of the state that lose are freed, and the kept one at the end', async () => {
  let open = 1
  const kit = (): Kit => openKit<number>({
    start: 0,
    tools: [defineTool<number, { by: number }>({ name: 'add', description: '', arguments: z.strictObject({ by: z.int() }), run: ({ by }, { state }) => ({ status: 'ok', text: String(state + by), state: state + by }) })],
    copy: (state) => {
      open += 1
      return state
    },
    dispose: () => void (open -= 1),
  })
  const { events } = await vote(3, { kits: [kit()], answers: ['Action: add[1]', 'Action: add[2]', 'Action: add[2]', FINISH] })
  expect(ofType(events, 'observation')[0]!.text).toBe('2')
  expect(open).toBe(0)
})

test('equal beginnings of turns of several calls run once', async () => {
  const runs: string[] = []
  const turn = (...by: number[]): ModelEvent[] => [
    ...by.map((number, place) => ({ type: 'call', id: `c${place}`, name: 'add', arguments: `{"by":${number}}` }) as const),
    { type: 'end', reason: 'stop', tokens: 5, promptTokens: 5 },
  ]
  const { events } = await vote(4, { style: 'native', kits: [dearKit(runs)], answers: [turn(1, 2), turn(1, 3), turn(1, 3, 4), turn(1, 3), turn(1), turn(1), turn(1), turn(1), 'done'] })
  expect(runs).toEqual(['0+1', '1+2', '1+3', '4+4', '4+1'])
  expect(ofType(events, 'vote')[0]).toMatchObject({ taken: 1, runs: 4, calls: 9 })
  expect(ofType(events, 'observation').map(({ text, turn: { answers } }) => [text, answers])).toEqual([['sum 1', 'c0'], ['sum 4', 'c1'], ['sum 5', 'c0']])
})

test('calls with effects outside vote by what they ask for, and only those of the winner run', async () => {
  const sent: string[] = []
  const outside = openKit<null>({
    start: null,
    tools: [
      defineTool<null, { text: string }>({
        name: 'send', description: 'sends', arguments: z.strictObject({ text: z.string() }), effects: 'outside',
        run: ({ text }) => ({ status: text === 'no' ? 'failed' : 'ok', text: `${sent.push(text)} sent` }),
      }),
    ],
  })
  const runs: string[] = []
  const send = (text: string, by: number): ModelEvent[] => [
    { type: 'call', id: 'a', name: 'add', arguments: `{"by":${by}}` }, { type: 'call', id: 's', name: 'send', arguments: JSON.stringify({ text }) }, { type: 'call', id: 'b', name: 'add', arguments: '{"by":1}' },
    { type: 'end', reason: 'stop', tokens: 5, promptTokens: 5 },
  ]
  const { events } = await vote(4, { style: 'native', kits: [outside, dearKit(runs)], answers: [send('no', 5), send('hello', 5), send('hello', 5), send('hello', -1), ...Array.from({ length: 4 }, () => send('no', 1)), 'done'] })
  expect(sent).toEqual(['hello', 'no'])
  expect(runs).toEqual(['0+5', '0+-1', '5+1', '6+1', '7+1'])
  expect(ofType(events, 'vote')[0]!.candidates.map(({ votes }) => votes)).toEqual([1, 2, 2, 0])
  expect(ofType(events, 'observation').map(({ status, text }) => `${status} ${text}`)).toEqual(['ok sum 5', 'ok 1 sent', 'ok sum 6', 'ok sum 7', 'failed 2 sent', 'ok sum 8'])
})

test('a step that ends before its vote still says what its samples cost', async () => {
  const full: ModelEvent[] = [{ type: 'text', text: 'x' }, { type: 'failed', error: { code: 'context-full', message: 'full' } }]
  const { events, end } = await vote(3, { answers: [full] })
  expect(ofType(events, 'vote')).toMatchObject([{ taken: 0, tokens: null, runs: 0, calls: 0, candidates: [{ outcome: null, problem: 'full' }, {}, {}] }])
  expect(end.reason).toBe('context')
  // Given up as the last sample has ended.
  const controller = new AbortController()
  const model = scriptedModel([calc('1+1')])
  const time = manualClock()
  const clock = { ...time, now: () => (model.asked.length === 3 && controller.abort(), time.now()) }
  const stopped = await vote(3, { answers: [], run: { model, clock, signal: controller.signal } })
  expect(ofType(stopped.events, 'vote')[0]).toMatchObject({ tokens: 30, runs: 0, taken: 0 })
  expect(stopped.end).toMatchObject({ reason: 'aborted', steps: 1 })
})

describe('a model that fails', () => {
  const failed: readonly ModelEvent[] = [{ type: 'failed', error: { code: 'busy', message: 'the server is busy' } }]

  test('for some samples: the others vote', async () => {
    const { events } = await vote(3, { answers: [failed, calc('3*4'), failed, FINISH] })
    expect(ofType(events, 'vote')[0]).toMatchObject({ taken: 1 })
  })

  test('for all: the episode ends with its error', async () => {
    const { end } = await vote(3, { answers: [failed] })
    expect(end).toMatchObject({ reason: 'model-failed', error: { code: 'busy' } })
  })
})

test('the log tells of the vote and folds to the trajectory of the turns that were taken', async () => {
  const { events } = await vote(2, { answers: [calc('3*4'), calc('3*4'), FINISH] })
  const { turns, steps, calls } = foldEpisode(events)
  expect(turns.map(({ role }) => role)).toEqual(['system', 'user', 'agent', 'environment', 'agent'])
  expect({ steps, calls }).toEqual({ steps: 2, calls: 1 })
})

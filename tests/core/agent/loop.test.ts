// The loop: what a model writes is run, and whatever goes wrong is an event.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool, foldEpisode, openKit, verdictOf } from '../../../src/core/agent/index.ts'
import { agentEventSchema } from '../../../src/shared/records/episode.ts'
import { counterKit, ofType, play } from '../../support/episodes.ts'
import { HANG, scriptedModel } from '../../support/scriptedModel.ts'

const SOLVED = ['Thought: I add.\nAction: calc[2+40]', 'Thought: The result is 42.\nAction: finish[42]']

test('a question, a call, an observation, an answer', async () => {
  const { events, end, model } = await play({ answers: SOLVED })
  expect(foldEpisode(events).turns.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    'system: Be right.',
    'user: How much?',
    'agent: Thought: I add.\nAction: calc[2+40]',
    'environment: Observation: 42',
    'agent: Thought: The result is 42.\nAction: finish[42]',
  ])
  expect(end).toEqual({ type: 'end', reason: 'answer', answer: '42', error: null, steps: 2, calls: 1, tokens: 12 + 15, seconds: 0 })
  // What a step is asked with is what has been, and nothing of it is lost in the log.
  expect(model.asked[1]!.turns).toEqual(foldEpisode(events).turns.slice(0, 4))
  expect(model.asked.map(({ options }) => [options.seed, options.tools, options.stop])).toEqual([[7, [], ['\nObservation']], [8, [], ['\nObservation']]])
  for (const event of events) expect(agentEventSchema.parse(event)).toEqual(event)
})

test('an observation that the model writes itself is cut off, wherever its pieces are divided', async () => {
  for (const lead of ['', 'x', 'xx']) {
    const { events, model } = await play({ answers: [`Thought: ${lead}\nAction: calc[1+1]\nObservation: 3\nThought: so 3`, 'Action: finish[2]'] })
    const [first] = ofType(events, 'agent')
    expect(first).toMatchObject({ end: 'cut', stop: '\nObservation', tokens: null })
    expect(first!.turn.text).toBe(`Thought: ${lead}\nAction: calc[1+1]`)
    expect(ofType(events, 'text').map(({ text }) => text).join('')).toBe(`${first!.turn.text}Action: finish[2]`)
    expect(model.left()).toBe(1)
    expect(ofType(events, 'end')[0]!.tokens).toBeNull()
  }
})

test('calls that cannot be read, unknown tools and bad arguments are answered, and the episode goes on', async () => {
  const { events, end } = await play({
    kits: [counterKit()],
    answers: ['I think it is 5.', 'Action: fly[home]', 'Action: count[many]', 'Action: count[2', 'Action: finish[done]'],
  })
  expect(ofType(events, 'observation').map(({ status, name, turn }) => [status, name, turn.text])).toEqual([
    ['not-parsed', null, 'Observation: Not understood: found no action, expected a line "Action: tool[argument]" or "Action: finish[answer]".'],
    ['unknown-tool', 'fly', 'Observation: There is no tool "fly". Tools: count, trouble.'],
    ['bad-arguments', 'count', 'Observation: Bad arguments of count: by: found string "many", expected a number.'],
    ['not-parsed', null, 'Observation: Not understood: found no action, expected a line "Action: tool[argument]" or "Action: finish[answer]".'],
  ])
  expect(end).toMatchObject({ reason: 'answer', answer: 'done', calls: 0, steps: 5 })
})

test('several calls of a turn run in the order of the text, up to the limit', async () => {
  const { events } = await play({ kits: [counterKit()], answers: ['Action: count[1], count[10], count[100], count[1000]', 'Action: finish[x]'] })
  expect(ofType(events, 'observation').map(({ call, status, text }) => [call, status, text])).toEqual([
    [0, 'ok', 'count 1'],
    [1, 'ok', 'count 11'],
    [2, 'ok', 'count 111'],
    [3, 'not-run', 'Not run: at most 3 calls at once.'],
  ])
})

test('a turn with an answer runs nothing', async () => {
  const { events, end } = await play({ kits: [counterKit()], answers: ['Action: count[1]\nAction: finish[8]'] })
  expect(ofType(events, 'call')).toEqual([])
  expect(ofType(events, 'notice').map(({ text }) => text)).toEqual(['1 calls beside the answer were not run'])
  expect(end).toMatchObject({ reason: 'answer', answer: '8' })
})

test('a tool that throws is an observation, one that ends the episode ends it', async () => {
  const { events, end } = await play({ kits: [counterKit()], answers: ['Action: trouble[throw]', 'Action: trouble[open]'] })
  expect(ofType(events, 'observation').map(({ status, text }) => [status, text])).toEqual([['failed', 'out of order'], ['ok', 'the door opens']])
  expect(end).toMatchObject({ reason: 'environment', answer: null, calls: 2 })
})

test('a tool that hangs is left when its time is over', async () => {
  const { events, end, clock } = await play({
    kits: [counterKit()],
    answers: ['Action: trouble[hang]', 'Action: finish[late]'],
    onEvent: (event, time) => void (event.type === 'call' && setImmediate(() => time.advance(5000))),
  })
  expect(ofType(events, 'observation')).toMatchObject([{ status: 'timed-out', text: 'trouble gave no answer within 5 s.', seconds: 5 }])
  expect(end).toMatchObject({ reason: 'answer', seconds: 5 })
  expect(clock.waiting()).toBe(0)
})

test('limits of steps, time, characters and observations end what they are for', async () => {
  const steps = await play({ answers: ['Action: calc[1]'], limits: { steps: 2 } })
  expect(steps.end).toMatchObject({ reason: 'steps', steps: 2, calls: 2 })
  const time = await play({ answers: ['Action: calc[1]'], onEvent: (event, clock) => void (event.type === 'observation' && clock.advance(25_000)) })
  expect(time.end).toMatchObject({ reason: 'time', steps: 3, seconds: 75 })
  const long = await play({ answers: ['Thought: '.padEnd(60, 'so '), 'Action: finish[1]'], limits: { turnCharacters: 20 } })
  expect(ofType(long.events, 'agent')[0]).toMatchObject({ end: 'characters', turn: { text: 'Thought: so so so so' } })
  expect(ofType(long.events, 'observation')[0]!.text).toContain('cut off for its length')
  expect(ofType(long.events, 'text').map(({ text }) => text).join('')).toBe('Thought: so so so soAction: finish[1]')
  const big = await play({ answers: ['Action: calc[10^100]', 'Action: finish[1]'], limits: { observationCharacters: 10 } })
  expect(ofType(big.events, 'observation')[0]).toMatchObject({ text: '1000000000', omitted: 91, turn: { text: 'Observation: 1000000000\n[91 more characters]' } })
})

test('half an answer at the token limit is none, a whole command is one', async () => {
  const cutOff = (text: string) => [{ type: 'text', text }, { type: 'end', reason: 'length', tokens: 4, promptTokens: 1 }] as const
  const { events, end } = await play({ answers: [cutOff('Answer: 12'), cutOff('Action: finish[12]')] })
  expect(ofType(events, 'observation')).toMatchObject([{ status: 'not-parsed' }])
  expect(end).toMatchObject({ reason: 'answer', answer: '12', tokens: 8 })
})

test('what a model or its server does never leaves the loop', async () => {
  const failed = { type: 'failed', error: { code: 'endpoint-refused', message: 'no credit' } } as const
  const ends = await Promise.all(
    [[new Error('boom')], [[failed]], [[]], [[{ type: 'text', text: 'Thought: a\nObs' }, failed] as const]].map(async (answers) => (await play({ answers })).events),
  )
  expect(ends.map((events) => ofType(events, 'end')[0]!.error)).toEqual([
    { code: 'model-failed', message: 'the model could not answer', found: 'boom' },
    failed.error,
    { code: 'model-broke-off', message: 'the answer broke off', found: 'an end without a reason', expected: 'an answer with its end' },
    failed.error,
  ])
  // A turn that was begun is kept, what was held back for a stop sequence included; one that was not begun is none.
  expect(ends.map((events) => foldEpisode(events).turns.length)).toEqual([2, 2, 2, 3])
  expect(foldEpisode(ends[3]!).turns[2]!.text).toBe('Thought: a\nObs')
})

test('the signal ends an episode while the model is silent, and in a tool', async () => {
  const stop = new AbortController()
  const silent = play({ answers: [HANG], run: { signal: stop.signal }, onEvent: (event, clock) => {
    if (event.type !== 'step') return
    setImmediate(() => stop.abort())
    // The model does not even stop: it is given its grace, then left.
    setTimeout(() => clock.advance(5000), 5)
  } })
  expect((await silent).end).toMatchObject({ reason: 'aborted', steps: 1 })
  const inTool = new AbortController()
  const { events, end } = await play({
    kits: [counterKit()], answers: ['Action: trouble[hang]'], run: { signal: inTool.signal },
    onEvent: (event) => void (event.type === 'call' && setImmediate(() => inTool.abort())),
  })
  expect(ofType(events, 'observation')).toMatchObject([{ status: 'timed-out', text: 'trouble was stopped.' }])
  expect(end.reason).toBe('aborted')
})

test('a run that is left stops the model and disposes the tools', async () => {
  let disposed = 0
  const kit = { ...counterKit(), dispose: async () => void disposed++ }
  const model = scriptedModel(SOLVED)
  await expect(
    play({ answers: [], kits: [kit], run: { model }, onEvent: (event) => { if (event.type === 'text') throw new Error('seen enough') } }),
  ).rejects.toThrow('seen enough')
  expect([model.asked.length, model.left(), disposed]).toEqual([1, 1, 1])
})

test('what is kept of a value and of an answer has a limit, and says what was left out', async () => {
  const kit = openKit<null>({
    start: null,
    tools: [
      defineTool<null, { what: string }>({
        name: 'much', description: 'gives much', arguments: z.strictObject({ what: z.string() }),
        run: ({ what }) => ({ status: 'ok', text: 'much', value: what.repeat(5_000_000), ...(what === 'a' ? {} : { ends: { answer: what.repeat(5_000_000) } }) }),
      }),
    ],
  })
  const { events, end } = await play({ kits: [kit], answers: ['Action: much[a]', 'Action: much[b]'] })
  const [first, second] = ofType(events, 'observation')
  expect(first!.value).toMatch(/^a{32768}\[4967232 more characters\]$/)
  expect(second!.ends!.answer).toMatch(/^b{32768}\[4967232 more characters\]$/)
  expect(end.answer).toBe(second!.ends!.answer)
  expect(JSON.stringify(events).length).toBeLessThan(200_000)
})

test('the same call with the same result, again and again, ends the episode where that is a limit', async () => {
  const thinking = (call: string) => [1, 2, 3, 4].map((thought) => `Thought: try ${thought}.\nAction: ${call}`)
  const answers = [...thinking('calc[1+1]'), 'Action: finish[2]']
  expect((await play({ answers, limits: { repeats: 3 } })).end).toMatchObject({ reason: 'repeats', answer: null, steps: 3, calls: 3 })
  expect((await play({ answers, limits: { repeats: 5 } })).end).toMatchObject({ reason: 'answer', steps: 5 })
  expect((await play({ answers })).end).toMatchObject({ reason: 'answer', steps: 5 })
  // Another call between, or another result, is no circle.
  expect((await play({ answers: ['Action: calc[1+1]', 'Action: calc[1+1]', 'Action: calc[1+2]', 'Action: calc[1+1]', 'Action: finish[2]'], limits: { repeats: 3 } })).end).toMatchObject({ reason: 'answer' })
  expect((await play({ kits: [counterKit()], answers: [...thinking('count[1]'), 'Action: finish[4]'], limits: { repeats: 2 } })).end).toMatchObject({ reason: 'answer' })
  // Turns without a call change as little, whatever they say.
  expect((await play({ answers: ['Hm.', 'Let me see.', 'Well.', 'Action: finish[2]'], limits: { repeats: 3 } })).end).toMatchObject({ reason: 'repeats', steps: 3, calls: 0 })
  expect((await play({ answers: ['Hm.', 'Let me see.', 'Action: finish[2]'], limits: { repeats: 3 } })).end).toMatchObject({ reason: 'answer', steps: 3 })
})

test('turns that think alone, or are empty, end an episode when there are too many in a row; how many a limit cut is said', async () => {
  const thinking = [{ type: 'reasoning', text: 'Hm, hm.' }, { type: 'end', reason: 'length', tokens: 200, promptTokens: 11 }] as const
  const empty = [{ type: 'end', reason: 'stop', tokens: 0, promptTokens: 11 }] as const
  const silent = await play({ answers: [thinking, empty], limits: { blanks: 2 } })
  expect(silent.end).toMatchObject({ reason: 'repeats', answer: null, steps: 2, calls: 0 })
  expect(verdictOf(silent.events)).toEqual({
    rejected: 'unparsed',
    detail: '2 turns without a call or an answer that can be read; 1 of 2 turns cut at 200 tokens, unseen thinking among them: allow more (--turn-tokens); 2 of 2 turns with nothing but thinking, or empty',
  })
  expect((await play({ answers: [thinking, 'Hm.', empty, 'Action: finish[2]'], limits: { blanks: 2 } })).end).toMatchObject({ reason: 'answer', steps: 4 })
  expect((await play({ answers: [thinking, thinking, 'Action: finish[2]'] })).end).toMatchObject({ reason: 'answer', steps: 3 })
})

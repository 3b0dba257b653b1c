// The beginning of a turn: given to the model, kept in the turn, asked for in words where the model continues nothing.
import { describe, expect, test } from 'vitest'
import {
  askFirstThought, firstThoughtPrefix, foldEpisode, instructedPrefix, type ModelEvent, replayModel, wantsFirstThought, withoutEcho,
} from '../../../src/core/agent/index.ts'
import { ofType, play } from '../../support/episodes.ts'
import { scriptedModel } from '../../support/scriptedModel.ts'

const PREFIX = 'Thought: Six times seven is asked.\n\n'
const REST = 'Action: finish[42]'

describe('an agent whose first turn begins with a prefix', () => {
  test('the turn is the prefix and the rest, whole; only the first question carries it', async () => {
    const model = { ...scriptedModel(['Action: calculator[6 * 7]', REST]), prefixes: 'continued' as const }
    const { events, end } = await play({ answers: [], run: { model, prefix: PREFIX } })
    expect(end).toMatchObject({ reason: 'answer', answer: '42', steps: 2 })
    const [first, second] = ofType(events, 'agent')
    expect(first!.turn.text).toBe(`${PREFIX}Action: calculator[6 * 7]`)
    expect(second!.turn.text).toBe(REST)
    expect(model.asked.map(({ options }) => options.prefix)).toEqual([PREFIX, undefined])
    const spans = foldEpisode(events).spans[2]!
    expect(spans.map(({ kind }) => kind)).toEqual(['reason', 'act'])
    expect(spans[0]!.start).toBe(0)
    expect(ofType(events, 'text').map(({ text }) => text).join('')).toBe(`${PREFIX}Action: calculator[6 * 7]${REST}`)
  })

  test('a model that takes none is not asked: its turn would be another one', async () => {
    const model = scriptedModel([REST])
    const { events, end } = await play({ answers: [], run: { model, prefix: PREFIX } })
    expect(end).toMatchObject({ reason: 'model-failed', error: { code: 'no-prefix' } })
    expect(model.asked).toEqual([])
    expect(foldEpisode(events).turns.map(({ role }) => role)).toEqual(['system', 'user'])
  })

  test('a model that fails before it goes on has taken no turn', async () => {
    const model = { ...scriptedModel([[{ type: 'failed', error: { code: 'x', message: 'gone' } }]]), prefixes: 'continued' as const }
    const { events } = await play({ answers: [], run: { model, prefix: PREFIX } })
    expect(foldEpisode(events).turns).toHaveLength(2)
  })

  test('an episode with a prefix is played again as it was', async () => {
    const model = { ...scriptedModel(['Action: calculator[6 * 7]', REST]), prefixes: 'continued' as const }
    const { events } = await play({ answers: [], run: { model, prefix: PREFIX } })
    const again = await play({ answers: [], run: { model: replayModel(events), prefix: PREFIX } })
    expect(foldEpisode(again.events).turns).toEqual(foldEpisode(events).turns)
  })
})

const pieces = (text: string, size: number): ModelEvent[] => text.match(new RegExp(`[^]{1,${size}}`, 'g'))!.map((piece) => ({ type: 'text', text: piece }))
const END: ModelEvent = { type: 'end', reason: 'stop', tokens: 3, promptTokens: 5 }

async function* stream(events: readonly ModelEvent[]): AsyncGenerator<ModelEvent, void, undefined> {
  yield* events
}

const heard = async (events: AsyncIterable<ModelEvent>): Promise<{ text: string; ended: boolean }> => {
  let text = ''
  let ended = false
  for await (const event of events) {
    if (event.type === 'text') text += event.text
    if (event.type === 'end') ended = true
  }
  return { text, ended }
}

describe('asked in words to begin with a text', () => {
  test.each([
    ['repeated to the letter', `${PREFIX}${REST}`, REST],
    ['repeated with other white space', `\n Thought: Six  times\nseven is asked.\n${REST}`, REST],
    ['not repeated', `I go on. ${REST}`, `I go on. ${REST}`],
    ['repeated in part only', `Thought: Six times nine. ${REST}`, `Thought: Six times nine. ${REST}`],
    ['repeated, and nothing more', PREFIX, ''],
    ['ended within the repetition', PREFIX.slice(0, 12), ''],
  ])('%s: what is left is what goes on from it', async (_, said, left) => {
    for (const size of [1, 4, 1000]) expect(await heard(withoutEcho(stream([...pieces(said, size), END]), PREFIX))).toEqual({ text: left, ended: true })
  })

  test('the instruction stands at the end of the last message, and the model says how it does it', async () => {
    const inner = scriptedModel([`${PREFIX}${REST}`])
    const model = instructedPrefix(inner)
    expect(model.prefixes).toBe('instructed')
    const { events, end } = await play({ answers: [], run: { model, prefix: PREFIX } })
    expect(end.answer).toBe('42')
    expect(ofType(events, 'agent')[0]!.turn.text).toBe(PREFIX + REST)
    const [{ turns, options }] = inner.asked as [(typeof inner.asked)[number]]
    expect(turns.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(turns[1]!.text.startsWith('How much?\n\n')).toBe(true)
    expect(turns[1]!.text.endsWith(PREFIX)).toBe(true)
    expect(options.prefix).toBeUndefined()
    // What the agent was told is in the log as it was asked, without the instruction.
    expect(foldEpisode(events).turns[1]!.text).toBe('How much?')
  })
})

describe('the first thought', () => {
  test.each([
    ['First, six times seven.\nThat is 42.\n\nAnswer: 42', 'Thought: First, six times seven.\nThat is 42.\n\n'],
    ['\n\nOne line\n \t\nanother', 'Thought: One line\n\n'],
    ['Thought: I see.\r\n\r\nMore', 'Thought: I see.\n\n'],
    ['  \n\n ', ''],
  ])('is what stands before the first blank line', (chain, prefix) => {
    expect(firstThoughtPrefix(chain)).toBe(prefix)
  })

  test('is asked for once, greedily, without tools', async () => {
    const model = scriptedModel(['Six sevens.\n\nAnswer: 42'])
    const asked = await askFirstThought({ model, system: 'Think.', question: 'How much?', maxTokens: 50, seed: 3, signal: new AbortController().signal })
    expect(asked).toEqual({ prefix: 'Thought: Six sevens.\n\n' })
    expect(model.asked).toHaveLength(1)
    expect(model.asked[0]).toMatchObject({ turns: [{ role: 'system', text: 'Think.' }, { role: 'user', text: 'How much?' }], options: { temperature: 0, tools: [], seed: 3 } })
  })

  test('a failure is told', async () => {
    const failing = { model: scriptedModel([new Error('down')]), system: '', question: 'q', maxTokens: 5, seed: 0, signal: new AbortController().signal }
    expect(await askFirstThought(failing)).toMatchObject({ failure: { code: 'model-failed', found: 'down' } })
  })

  test('a switch for each family', () => {
    expect(['off', 'all', ['sums']].map((choice) => wantsFirstThought(choice as 'off', 'sums'))).toEqual([false, true, true])
    expect(wantsFirstThought(['sums'], 'facts')).toBe(false)
  })
})

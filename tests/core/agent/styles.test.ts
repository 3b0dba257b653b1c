// Styles: what is run is what the spans say, and what a decision is written as is read back as that decision.
import { describe, expect, test } from 'vitest'
import { draftOf, foldEpisode, replayModel, recordedKit, recordingsOf, STYLES, type Decision } from '../../../src/core/agent/index.ts'
import { segmentTrajectory } from '../../../src/core/pipeline/segmentation/index.ts'
import { renderConversation } from '../../../src/core/pipeline/training/index.ts'
import type { AgentEvent } from '../../../src/shared/records/episode.ts'
import type { Tool } from '../../../src/shared/records/trajectory.ts'
import { counterKit, ofType, play, type EpisodeInput } from '../../support/episodes.ts'
import { calling, chatTokenizer, plain } from '../../support/templates.ts'
import { trajectoryOf } from '../../support/turns.ts'

const object = (names: readonly string[]): Tool['parameters'] => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) })
const TOOLS: Tool[] = [
  { name: 'search', description: '', parameters: object(['query']) },
  { name: 'put', description: '', parameters: object(['thing', 'place']) },
  { name: 'look', description: '', parameters: object([]) },
]

const call = (name: string, given: object): Decision => ({ thought: 'I see.', calls: [{ name, arguments: JSON.stringify(given) }] })

describe('ReAct', () => {
  test.each([
    [call('search', { query: 'Paris, capital' }), 'Thought: I see.\nAction: search[Paris, capital]'],
    [call('put', { thing: 'apple 1', place: 'table 2' }), 'Thought: I see.\nAction: put[apple 1, table 2]'],
    [call('look', {}), 'Thought: I see.\nAction: look[]'],
    // Text that the brackets or commas would divide otherwise goes as JSON.
    [call('put', { thing: 'a, b', place: 'c' }), 'Thought: I see.\nAction: put[{"thing":"a, b","place":"c"}]'],
    [call('search', { query: 'a\nb' }), 'Thought: I see.\nAction: search[{"query":"a\\nb"}]'],
    [call('put', { place: 'c' }), 'Thought: I see.\nAction: put[{"place":"c"}]'],
    [{ thought: '', answer: '42' }, 'Action: finish[42]'],
  ] as const)('writes %j', (decision, text) => expect(STYLES.react.write(decision, TOOLS).content).toBe(text))

  test.each([
    [{ thought: 'Then\nAction: search[x]', answer: '5' }],
    [{ thought: 'ok', answer: 'a]\nAction: search[x' }],
    [call('search', { query: 'a] [' })],
  ] as const)('refuses to write what would be read otherwise: %j', (decision) => {
    expect(() => STYLES.react.write(decision, TOOLS)).toThrow('cannot be written')
  })

  const read = (text: string) => STYLES.react.read(STYLES.react.turnOf({ content: text, calls: [] }, 0))
  test.each([
    ['Thought 1: a\nAction 1: Search[b]', 'Search b'],
    ['Action: put("apple, red", place=\'x\')', 'put "apple, red", place=\'x\''],
    ['Action: search\nAction Input: Rome', 'search Rome'],
    ['Action: {"name": "search", "arguments": {"query": "x"}}', 'search {"query": "x"}'],
    ['**Action:** search[a [b] c] and so on', 'search a [b] c'],
  ])('reads the call of %j', (text, expected) => {
    expect(read(text).calls.map(({ name, argument }) => `${name} ${argument}`)).toEqual([expected])
  })
  test.each([
    ['Thought: so\nFinal Answer: 12 apples', '12 apples'],
    ['Action: finish["yes"]', '"yes"'],
    ['final_answer("yes")', 'yes'],
    ['Action: {"name": "final_answer", "arguments": {"answer": 7}}', '7'],
  ])('reads the answer of %j', (text, expected) => expect(read(text)).toMatchObject({ answer: expected, problem: null }))
})

test('code: a block is run whole, and what hands in the answer with it', () => {
  const read = (text: string) => STYLES.code.read(STYLES.code.turnOf({ content: text, calls: [] }, 0))
  const text = 'Thought: sum.\nCode:\n```js\nconst x = 2\nfinal_answer(x)\n```'
  expect(read(text)).toMatchObject({ calls: [{ name: 'js', argument: 'const x = 2\nfinal_answer(x)' }], answer: null, problem: null })
  expect(read('I would search[x].')).toMatchObject({ calls: [], problem: STYLES.code.read(STYLES.code.turnOf({ content: 'x', calls: [] }, 0)).problem })
  const tools = [{ name: 'js', description: '', parameters: object(['code']) }]
  const written = STYLES.code.write({ thought: 'sum.', calls: [{ name: 'js', arguments: JSON.stringify({ code: '1+1' }) }] }, tools)
  expect(read(written.content).calls).toEqual([{ name: 'js', argument: '1+1', form: 'brackets' }])
})

describe('native calls', () => {
  const turnOf = (content: string) => STYLES.native.turnOf({ content, calls: [] }, 3)
  const block = '```json\n{"name": "count", "arguments": {"by":1}}\n```'
  test.each([
    ['<tool_call>\n{"name": "count", "arguments": {"by": 1}}\n</tool_call>', block],
    ['<think>\nhm\n</think>\n\nSo:\n<tool_call>{"name": "count", "arguments": {"by": 1}}</tool_call>', `<think>\nhm\n</think>\n\nSo:\n\n${block}`],
    ['{"name": "count", "parameters": {"by": 1}}', block],
    [block, block],
  ])('of %j are one form', (text, form) => {
    const turn = turnOf(text)
    expect(turn.text).toBe(form)
    expect(turn.calls).toMatchObject([{ id: 'call00300', name: 'count', range: { start: form.indexOf('```'), end: form.length } }])
    // The form is its own form: a student may write it so, and a replay does.
    const again = turnOf(turn.text)
    expect(again).toEqual({ ...turn, calls: [{ ...turn.calls[0], arguments: '{"by":1}' }] })
    expect(turnOf(again.text)).toEqual(again)
    expect(STYLES.native.read(turn)).toMatchObject({ calls: [{ id: 'call00300', name: 'count', form: 'json' }], problem: null })
  })
  test.each(['<tool_call>{"name": "count", "arguments": {</tool_call>', '```json\n{"name": "count"'])('that are broken are no answer: %j', (text) => {
    expect(STYLES.native.read(turnOf(text))).toMatchObject({ calls: [], answer: null, problem: expect.stringContaining('cannot be read') })
  })
  test('are none in an answer', () => {
    expect(STYLES.native.read(turnOf('<think>hm</think>It is 5.'))).toMatchObject({ answer: 'It is 5.', problem: null })
  })
})

const codeKit = () => {
  const tool = { name: 'python', description: 'runs', parameters: object(['code']) }
  const recording = (code: string, observation: { text: string; ends?: { answer: string } }) => ({
    name: 'python', arguments: JSON.stringify({ code }), observation: { status: 'ok' as const, ...observation },
  })
  return recordedKit([tool], [recording('print(1)', { text: '1' }), recording('final_answer(1)', { text: '', ends: { answer: '1' } })])
}
const tag = (by: number) => `<tool_call>\n{"name": "count", "arguments": {"by": ${by}}}\n</tool_call>`
const EPISODES: Record<string, EpisodeInput> = {
  react: { answers: ['Thought: I add.\nAction: calc[1/3]\nObservation: 9', 'no action', 'Thought: so\nAction: finish[42]'] },
  code: { style: 'code', kits: [codeKit()], answers: ['Thought: see.\nCode:\n```python\nprint(1)\n```', 'Thought: so.\nCode:\n```python\nfinal_answer(1)\n```'] },
  native: { style: 'native', kits: [counterKit()], answers: [`Two.\n${tag(1)}\n${tag(2)}`, tag(0), '<think>hm</think>It is 3.'] },
  broken: { answers: ['Action: calc[1]', [{ type: 'text', text: 'Thought: I' }, { type: 'failed', error: { code: 'x', message: 'gone', where: 'there' } }]] },
  long: { answers: ['Thought: and so on', 'Action: finish[1]'], limits: { turnCharacters: 18 } },
}
const recorded = (events: readonly AgentEvent[]) => events.filter(({ type }) => type !== 'text' && type !== 'reasoning')

test.each(Object.entries(EPISODES))('an episode is its log: replayed, it is the same (%s)', async (_, input) => {
  const { events } = await play(input)
  const start = ofType(events, 'start')[0]!
  const again = await play({ ...input, kits: [recordedKit(start.tools, recordingsOf(events))], run: { model: replayModel(events) } })
  expect(recorded(again.events)).toEqual(recorded(JSON.parse(JSON.stringify(events)) as AgentEvent[]))
  expect(foldEpisode(again.events).turns).toEqual(foldEpisode(events).turns)
})

test.each(Object.entries(EPISODES))('spans of an episode are those that segmentation finds in its trajectory (%s)', async (_, input) => {
  const episode = foldEpisode((await play(input)).events)
  expect(episode.spans).toEqual(segmentTrajectory(trajectoryOf(draftOf(episode).turns, { tools: draftOf(episode).tools })))
})

test.each([['react', plain], ['code', plain], ['native', plain], ['native', calling]] as const)(
  'what the model is fed is what training renders (%s)',
  async (name, template) => {
    const { events, model } = await play(EPISODES[name]!)
    const { turns, tools } = draftOf(foldEpisode(events))
    const whole = renderConversation({ turns, tools, template, tokenizer: chatTokenizer, generationPrompt: false })
    const agents = whole.bodies.map((body) => (body.state === 'whole' ? body : null))
    expect(model.asked.length).toBe(agents.length)
    model.asked.forEach(({ turns: given, options }, index) => {
      const fed = renderConversation({ turns: given, tools: options.tools, template, tokenizer: chatTokenizer, generationPrompt: true })
      expect(whole.ids.slice(0, fed.ids.length)).toEqual(fed.ids)
      expect(whole.tokens.findIndex(({ start }) => start >= agents[index]!.start)).toBe(fed.ids.length)
    })
  },
)

// The filters that read texts: for each, what it keeps and what it rejects, with the reason.
import { describe, expect, test } from 'vitest'
import { candidate, funnel, react, reasons, success } from '../../support/candidates.ts'
import { agent, environment, system, user } from '../../support/turns.ts'

const TOOL = { name: 'search', description: '', parameters: { type: 'object', properties: { query: { type: 'string' }, most: { type: 'integer', minimum: 1 } }, required: ['query'], additionalProperties: false } }
const called = (name: string, json: string) => {
  const text = `\`\`\`json\n{"name": "${name}", "arguments": ${json}}\n\`\`\``
  return agent(text, { calls: [{ name, arguments: json, range: { start: 0, end: text.length } }] })
}

describe('1 schema', () => {
  const with1 = (turn: ReturnType<typeof agent>) => candidate([user('q'), turn, environment('found'), agent('Thought: so.\nAction: finish[x]')], { tools: [TOOL] })

  test('tools must be known, and structured arguments must fit their schema', async () => {
    const found = await reasons('schema', [
      with1(called('search', '{"query": "a"}')),
      with1(called('find', '{"query": "a"}')),
      with1(called('search', '{"query": 7}')),
      with1(called('search', '{"most": 1}')),
      with1(called('search', '{"query": "a", "most": 0}')),
      with1(called('search', '{"query": ')),
    ])
    expect(found).toEqual([null, 'an unknown tool', 'arguments that do not fit', 'arguments that do not fit', 'arguments that do not fit', 'arguments that are no JSON'])
  })

  test('a call that cannot be read, an observation that answers nothing, and an end without an answer', async () => {
    const end = agent('Thought: so.\nAction: finish[x]')
    const found = await reasons('schema', [
      react(['a']),
      candidate([user('q'), agent('Thought: hm.\nAction: search[a'), environment('found'), end]),
      candidate([user('q'), agent('Thought: hm.'), environment('Observation: found'), end]),
      candidate([user('q'), agent('Thought: hm.\nAction: search[a]'), environment('found')]),
      candidate([user('q'), agent('Thought: hm.\nAction: search[a]'), environment('found')], { outcome: success() }),
    ])
    expect(found).toEqual([null, 'a call that cannot be read', 'an observation that answers no call', 'no final answer', null])
    expect(await reasons('schema', [candidate([user('q'), agent('Thought: hm.\nAction: search[a]'), environment('found')])], { settings: { schema: { answer: false } } })).toEqual([null])
  })
})

describe('2 rejects', () => {
  const seeing = (text: string, extra = {}) => candidate([user('q'), agent('Thought: a.\nAction: search[a]'), environment(text), agent('Thought: b.\nAction: finish[b]')], extra)

  test('turns that could not be read reject; errors of what was run, and pages that speak of such errors, do not', async () => {
    const found = await reasons('rejects', [
      seeing('Observation: Invalid Action. Valid Actions are Lookup[<topic>] Search[<topic>] and Finish[<answer>].'),
      seeing('Not understood: a turn without a call.'),
      seeing('Could not parse LLM output: hm'),
      seeing('Observation: ZeroDivisionError: division by zero'),
      seeing('Observation: The article says that an invalid action was brought before the court.'),
    ])
    expect(found).toEqual([...Array.from({ length: 3 }, () => 'a turn that could not be read'), null, null])
  })

  test('limits reject what did not succeed; the number of steps where one is set', async () => {
    const found = await reasons('rejects', [
      seeing('found', { outcome: { success: false, reward: 0, detail: 'exit_context (submitted)' } }),
      seeing('found', { outcome: { success: null, reward: null, detail: 'Agent stopped due to step limit' } }),
      seeing('found', { outcome: success('exit_cost') }),
      seeing('found', { outcome: { success: false, reward: 0, detail: 'wrong' } }),
    ])
    expect(found).toEqual(['a limit was hit', 'a limit was hit', null, null])
    expect(await reasons('rejects', [react(['a', 'b']), react(['a'])], { settings: { rejects: { steps: 2 } } })).toEqual(['too many steps', null])
  })
})

describe('3 outcome', () => {
  const unknown = react(['a'], { outcome: null, question: 'unknown?' })
  const failed = react(['a'], { outcome: { success: false, reward: 0, detail: 'reward = False' } })
  const partial = react(['a'], { outcome: { success: null, reward: 0.6, detail: 'reward = 0.6' } })

  test('the source decides, then a reward, then nobody', async () => {
    expect(await reasons('outcome', [react(['a']), failed, partial, unknown])).toEqual([null, 'the source says it failed', null, null])
    expect(await reasons('outcome', [partial, unknown], { settings: { outcome: { reward: 0.7, unknown: 'reject' } } })).toEqual(['the reward is too small', 'nobody knows the outcome'])
    expect(await reasons('outcome', [partial], { settings: { outcome: { reward: 0.5, unknown: 'reject' } } })).toEqual([null])
  })

  test('a known answer decides where the source does not say that it is right', async () => {
    const world = { answers: new Map([[unknown.task.id, ['Paris']], [failed.task.id, ['Paris']]]) }
    const wrong = react(['a'], { outcome: null, question: 'unknown?', answer: 'Rome' })
    expect(await reasons('outcome', [unknown, wrong, failed], { world })).toEqual([null, 'the answer is wrong', null])
  })

  test('a judge is asked only where nobody knows', async () => {
    const asked: string[] = []
    const judge = { name: 'j', ask: async (prompts: readonly string[]) => prompts.map((prompt) => (asked.push(prompt), { text: 'Well. {"right": false, "why": "no"}' })) }
    const settings = { outcome: { unknown: 'judge' as const } }
    expect(await reasons('outcome', [react(['a']), unknown], { settings, world: { judge } })).toEqual([null, 'the judge says the answer is wrong'])
    expect(asked).toHaveLength(1)
    expect(asked[0]).toContain('Its final answer is: Paris')
    expect((await funnel(['outcome'], [unknown], { settings })).rows[0]!.skipped).toMatch(/no judge/)
  })
})

describe('4 critic', () => {
  const labelled = (...labels: ('good' | 'unnecessary' | 'mistake' | 'recover')[]) => react(labels.slice(1).map((_, at) => `q${at}`), { labels: new Map(labels.map((label, at) => [1 + 2 * at, label])) })

  test('a mistake must be mended, and not too much be unnecessary', async () => {
    const all = [labelled('good', 'good'), labelled('mistake', 'recover'), labelled('good', 'mistake'), labelled('unnecessary', 'unnecessary', 'good'), labelled('unnecessary', 'good'), react(['a'])]
    expect(await reasons('critic', all)).toEqual([null, null, 'a mistake that nothing mends', 'too many unnecessary steps', null, null])
    expect(await reasons('critic', all, { settings: { critic: { mistakes: 'reject', unnecessary: 1 } } })).toEqual([null, 'a mistake', 'a mistake', null, null, null])
    expect(await reasons('critic', all, { settings: { critic: { mistakes: 'allow', unnecessary: 1 } } })).toEqual(Array(6).fill(null))
  })

  test("a judge's labels count where there are none, and are proposed", async () => {
    const bare = react(['a'])
    const judge = { name: 'j', ask: async (prompts: readonly string[]) => prompts.map((_, at) => ({ text: at === 0 ? '{"labels": ["good", "mistake"]}' : '{"labels": ["good"]}' })) }
    const found = await funnel(['critic'], [bare, react(['b']), labelled('good', 'good')], { settings: { critic: { ask: true } }, world: { judge } })
    expect(found.rejected.map(({ id, reason }) => [id, reason])).toEqual([[bare.trajectory.id, 'a mistake that nothing mends']])
    expect(found.labels).toEqual([{ id: bare.trajectory.id, turn: 1, label: 'good' }, { id: bare.trajectory.id, turn: 3, label: 'mistake' }])
    expect(found.rows[0]!.notes).toContain('1 answers of the judge held no labels')
  })
})

describe('5 loops', () => {
  test('the same call within three steps is a loop, later or with another argument it is none', async () => {
    const found = await reasons('loops', [react(['a', 'b', 'c']), react(['a', 'a']), react(['a', 'b', 'c', ' A ', 'a ']), react(['a', 'b', 'c', 'd', 'a']), react(['a', 'b', 'c', 'a'])])
    expect(found).toEqual([null, 'the same call again', null, null, 'the same call again'])
  })

  test('the same call with another answer is none: a next page, a next hit, a door that opens at last', async () => {
    const asked = (...answers: string[]) =>
      candidate([user('q'), ...answers.flatMap((text) => [agent('Thought: on.\nAction: lookup[year]'), environment(text)]), agent('Thought: b.\nAction: finish[b]')])
    expect(await reasons('loops', [asked('Observation: (1 of 2) In 1901.', 'Observation: (2 of 2) In 1950.'), asked('Observation 1: none', 'Observation 2:  none'), asked('a', 'b', 'a')])).toEqual([null, 'the same call again', 'the same call again'])
  })

  test('what is labelled as mending a mistake is no repetition', async () => {
    const mended = (label: 'recover' | 'good') => react(['a', 'b', 'a'], { labels: new Map([[3, 'mistake'], [5, label]]) })
    expect(await reasons('loops', [mended('recover'), mended('good')])).toEqual([null, 'the same call again'])
  })

  test('JSON arguments are compared as values; window and repeats are settings', async () => {
    const json = candidate([user('q'), called('search', '{"query": "a", "most": 1}'), environment('x'), called('search', '{"most":1,"query":"a"}'), environment('x'), agent('Thought: b.\nAction: finish[b]')])
    expect(await reasons('loops', [json])).toEqual(['the same call again'])
    const far = react(['a', 'b', 'c', 'd', 'a'])
    expect(await reasons('loops', [far], { settings: { loops: { window: 4 } } })).toEqual(['the same call again'])
    expect(await reasons('loops', [react(['a', 'a']), react(['a', 'a', 'a'])], { settings: { loops: { repeats: 2 } } })).toEqual([null, 'the same call again'])
  })
})

describe('7 duplicates', () => {
  const words = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `word${from + at}`).join(' ')
  const saying = (text: string, extra = {}) => candidate([system('You are an agent.'), user(text), agent(`Thought: ${text}\nAction: finish[x]`)], extra)

  test('equal words are the same whatever their case and marks; the accepted one stays, then the successful one', async () => {
    const [first, second, accepted] = [saying('Alpha, beta gamma delta epsilon!'), saying('alpha beta  gamma delta epsilon', { outcome: success() }), saying('ALPHA beta gamma delta epsilon', { review: 'accepted' })]
    expect(await reasons('duplicates', [first, second])).toEqual(['the same words', null])
    expect(await reasons('duplicates', [first, second, accepted])).toEqual(['the same words', 'the same words', null])
  })

  test('near duplicates by the Jaccard similarity of word 5-grams; instructions do not count', async () => {
    // 100 words and their copy with one word less at the end of the second half: most 5-grams stay.
    const [long, near, other] = [saying(words(100)), saying(`${words(98)} other ending`), saying(words(100, 500))]
    expect(await reasons('duplicates', [long, near, other])).toEqual([null, 'nearly the same', null])
    expect(await reasons('duplicates', [long, near], { settings: { duplicates: { similarity: 0.99 } } })).toEqual([null, null])
  })
})

describe('12 mixture', () => {
  const cot = (file: string, extra = {}) => candidate([user('q'), agent('Thought: I know.\nAction: finish[x]')], { source: { format: 'f', file, index: 0 }, ...extra })
  const many = (count: number, make: () => ReturnType<typeof candidate>) => Array.from({ length: count }, make)

  test('methods: one-round ReAct is chain of thought, a look back at a retry is reflexion', async () => {
    const back = candidate([user('q'), agent("Thought: Now that I haven't solved it, let me do a reflection.\nAction: search[a]"), environment('x'), agent('Thought: y.\nAction: finish[x]')])
    const { rows } = await funnel(['mixture'], [cot('a'), react(['a']), back, candidate([user('q'), agent('Action: search[a]'), environment('x'), agent('Action: finish[a]')])])
    expect(rows[0]!.notes[0]!.split(': ')[1]!.split(', ').sort()).toEqual(['act 1', 'cot 1', 'react 1', 'reflexion 1'])
  })

  test('the largest draw in which every method has its share', async () => {
    const all = [...many(30, () => react(['a'])), ...many(10, () => cot('a'))]
    const { kept, rows } = await funnel(['mixture'], all, { settings: { mixture: { methods: { react: 0.5, cot: 0.5 } } } })
    expect(kept).toHaveLength(20)
    expect(rows[0]!.notes[0]).toBe('by method: react 10, cot 10')
    expect((await funnel(['mixture'], all, { settings: { mixture: { methods: { cot: 1 } } } })).kept).toHaveLength(10)
  })

  test('caps by task and in all, drawn by the seed: the same one gives the same, an accepted one stays', async () => {
    const all = [...many(6, () => cot('a', { question: 'one' })), cot('b', { question: 'two', review: 'accepted' }), ...many(4, () => cot('b', { question: 'two' }))]
    const settings = (seed: number) => ({ mixture: { perTask: 2, seed } })
    const ids = async (seed: number) => (await funnel(['mixture'], all, { settings: settings(seed) })).kept.map(({ trajectory }) => trajectory.id)
    expect(await ids(1)).toHaveLength(4)
    expect(await ids(1)).toEqual(await ids(1))
    expect(new Set([...(await ids(1)), ...(await ids(2)), ...(await ids(3))]).size).toBeGreaterThan(4)
    expect(await ids(7)).toContain(all[6]!.trajectory.id)
    expect((await funnel(['mixture'], all, { settings: { mixture: { most: 3 } } })).kept).toHaveLength(3)
  })
})

// Masks: every token gets the kind, part, step and weights of the span that holds its first visible character.
import { describe, expect, test } from 'vitest'
import { maskIfPossible, maskTrajectory, RECIPES } from '../../../src/core/pipeline/training/index.ts'
import type { MaskInput } from '../../../src/core/pipeline/training/index.ts'
import type { ChatTemplate } from '../../../src/core/ports/index.ts'
import { type MaskedExample, maskedExampleSchema } from '../../../src/shared/records/example.ts'
import { recipeNameSchema } from '../../../src/shared/records/recipe.ts'
import type { Span, SpanKind } from '../../../src/shared/records/span.ts'
import type { Turn } from '../../../src/shared/records/trajectory.ts'
import { detokenize } from '../../support/byteTokenizer.ts'
import * as templates from '../../support/templates.ts'
import { agent, environment, trajectoryOf, user } from '../../support/turns.ts'

const tokenizer = templates.chatTokenizer

/** Spans from their texts, one after the other; `call` gives name and argument as they stand in the piece. */
function spans(...pieces: [kind: SpanKind, text: string, call?: [name: string, argument: string]][]): Span[] {
  let at = 0
  return pieces.map(([kind, text, call]) => {
    const start = at
    at += text.length
    const range = (part: string) => ({
      start: start + text.indexOf(part),
      end: start + text.indexOf(part) + part.length,
    })
    return {
      start,
      end: at,
      kind,
      rule: 'test',
      ...(call ? { call: { name: range(call[0]), argument: range(call[1]) } } : {}),
    }
  })
}
const textOf = (...pieces: [SpanKind, string, [string, string]?][]) => pieces.map(([, text]) => text).join('')

const FIRST: [SpanKind, string, [string, string]?][] = [
  ['reason', 'Thought: go\n'],
  ['act', 'Action: look[the map]', ['look', 'the map']],
]
const LAST: [SpanKind, string, [string, string]?][] = [
  ['reason', 'Thought: ok\n'],
  ['act', 'Action: '],
  ['final', 'finish[42]', ['finish', '42']],
]
const TURNS: Turn[] = [user('Where?'), agent(textOf(...FIRST)), environment('There.'), agent(textOf(...LAST))]
const SPANS: Span[][] = [spans(['context', 'Where?']), spans(...FIRST), spans(['observe', 'There.']), spans(...LAST)]

/** All private-use characters that marks could be made of. */
const MARKS = Array.from({ length: 0x1900 }, (_, k) => 0xe000 + k)

const mask = (input: Partial<MaskInput> = {}) =>
  maskTrajectory({
    trajectory: trajectoryOf(TURNS),
    spans: SPANS,
    recipe: RECIPES.sft,
    template: templates.plain,
    tokenizer,
    ...input,
  })
const only = (input: Partial<MaskInput> = {}): MaskedExample => {
  const { examples, refused } = mask(input)
  expect(refused).toBeNull()
  expect(examples).toHaveLength(1)
  return maskedExampleSchema.parse(examples[0]!.example)
}

/** `key: text` for every run of tokens that agree on the key. */
function runs(example: MaskedExample, key: (index: number) => string): string[] {
  const out: { key: string; ids: number[] }[] = []
  example.ids.forEach((id, index) => {
    const last = out.at(-1)
    if (last?.key === key(index)) last.ids.push(id)
    else out.push({ key: key(index), ids: [id] })
  })
  return out.map((run) => `${run.key}: ${JSON.stringify(detokenize(tokenizer, run.ids))}`)
}

describe('kinds, parts, steps', () => {
  test('kinds', () => {
    const example = only()
    expect(runs(example, (i) => example.kinds[i]!)).toEqual([
      'context: "<|im_start|>user\\nWhere?<|im_end|>\\n<|im_start|>assistant\\n"',
      'reason: "Thought: go"',
      'act: "\\nAction: look[the map]"',
      'end: "<|im_end|>"',
      'context: "\\n<|im_start|>user"',
      'observe: "\\nThere."',
      'context: "<|im_end|>\\n<|im_start|>assistant\\n"',
      'reason: "Thought: ok"',
      'act: "\\nAction:"',
      'final: " finish[42]"',
      'end: "<|im_end|>"',
      'context: "\\n"',
    ])
  })
  test('parts', () => {
    const example = only()
    expect(runs(example, (i) => example.parts[i]!).filter((run) => !run.startsWith('none'))).toEqual([
      'thought: "Thought: go"',
      'scaffold: "\\nAction: "',
      'name: "look"',
      'scaffold: "["',
      'argument: "the map"',
      'scaffold: "]"',
      'end: "<|im_end|>"',
      'thought: "Thought: ok"',
      'scaffold: "\\nAction:"',
      'name: " finish"',
      'scaffold: "["',
      'answer: "42"',
      'scaffold: "]"',
      'end: "<|im_end|>"',
    ])
  })
  test('tokens over two spans are counted: "\\nAction" twice, and " finish" with its space', () => {
    expect(only().straddling).toBe(3)
  })
  test('steps', () => {
    const example = only()
    expect(runs(example, (i) => String(example.steps[i])).map((run) => run.replace(/(Where|go|ok).*/, '$1'))).toEqual([
      '-1: "<|im_start|>user\\nWhere',
      '0: "Thought: go',
      '1: "Thought: ok',
    ])
  })
  test('half of an emoji belongs to the span of the whole', () => {
    const pieces: [SpanKind, string][] = [
      ['reason', '\u{1f600}'],
      ['act', '\u{1f600}'],
    ]
    const example = only({
      trajectory: trajectoryOf([user('q'), agent(textOf(...pieces))]),
      spans: [[], spans(...pieces)],
    })
    const kinds = example.kinds.filter((kind) => kind === 'reason' || kind === 'act')
    expect(kinds).toEqual(['reason', 'reason', 'act', 'act'])
    expect(example.straddling).toBe(0)
  })
  test('only white space: the span of its first byte', () => {
    const pieces: [SpanKind, string][] = [
      ['reason', 'a\n'],
      ['act', '\n\nb'],
    ]
    const example = only({
      trajectory: trajectoryOf([user('q'), agent(textOf(...pieces))]),
      spans: [[], spans(...pieces)],
    })
    expect(runs(example, (i) => example.kinds[i]!).slice(1, 3)).toEqual(['reason: "a\\n\\n\\n"', 'act: "b"'])
    expect(example.straddling).toBe(1)
  })
})

describe('recipes', () => {
  const weights = (example: MaskedExample, loss: 'ce' | 'kl' = 'ce') => {
    const found: Record<string, number[]> = {}
    example.kinds.forEach((kind, i) => (found[kind] = [...new Set([...(found[kind] ?? []), example[loss][i]!])]))
    return found
  }
  const none = { context: [0], observe: [0] }
  test('every name has its row', () => {
    for (const name of recipeNameSchema.options) expect(RECIPES[name].name).toBe(name)
  })
  test('sft, smartad: weights by kind; the end of a turn weighs as its last span', () => {
    expect(weights(only({ recipe: RECIPES.sft }))).toEqual({ ...none, reason: [1], act: [1], final: [1], end: [1] })
    const smartad = weights(only({ recipe: RECIPES.smartad }))
    expect(smartad).toEqual({ ...none, reason: [1], act: [1.5], final: [2], end: [1.5, 2] })
  })
  test('sad: hard targets without a teacher distribution, KL on reason with one', () => {
    expect(RECIPES.sad.label('text')).toContain('hard targets')
    expect(weights(only({ recipe: RECIPES.sad }))).toEqual({ ...none, reason: [1], act: [1], final: [1], end: [1] })
    expect(RECIPES.sad.label('distribution')).not.toContain('hard targets')
    const soft = only({ recipe: RECIPES.sad, teacher: 'distribution' })
    expect(weights(soft)).toEqual({ ...none, reason: [0], act: [1], final: [1], end: [1] })
    expect(weights(soft, 'kl')).toEqual({ ...none, reason: [1], act: [0], final: [0], end: [0] })
  })
  test('srft: a mistaken step keeps its place and loses its weight', () => {
    const whole = only()
    const example = only({
      recipe: RECIPES.srft,
      labels: new Map([
        [1, 'mistake'],
        [3, 'recover'],
      ]),
    })
    expect(example.ids).toEqual(whole.ids)
    expect(example.kinds).toEqual(whole.kinds)
    expect(new Set(example.ce.filter((_, i) => example.steps[i] === 0))).toEqual(new Set([0]))
    expect(example.ce.filter((_, i) => example.steps[i] === 1)).toEqual(whole.ce.filter((_, i) => whole.steps[i] === 1))
  })
  test('cot: one turn without calls', () => {
    expect(mask({ recipe: RECIPES.cot }).examples).toEqual([])
    expect(mask({ recipe: RECIPES.cot }).refused).toMatch('2 agent turns')
    const called = { trajectory: trajectoryOf(TURNS.slice(0, 2)), spans: SPANS.slice(0, 2), recipe: RECIPES.cot }
    expect(mask(called).refused).toMatch('calls a tool')
    const pieces: [SpanKind, string][] = [
      ['reason', 'so '],
      ['final', '42'],
    ]
    const taken = {
      trajectory: trajectoryOf([user('q'), agent(textOf(...pieces))]),
      spans: [[], spans(...pieces)],
      recipe: RECIPES.cot,
    }
    expect(weights(only(taken))).toEqual({ context: [0], reason: [1], final: [1], end: [1] })
  })
  test('token: all but the first', () => {
    const { ce } = only({ recipe: RECIPES.token })
    expect(ce).toEqual([0, ...ce.slice(1).map(() => 1)])
  })
})

describe('templates that rewrite', () => {
  const pieces: [SpanKind, string][] = [
    ['reason', '<think>\nhm\n</think>\n\n'],
    ['final', 'A'],
  ]
  const turns = [user('Q'), agent(textOf(...pieces)), user('P'), agent(textOf(...pieces))]
  const forgetful = {
    trajectory: trajectoryOf(turns),
    spans: [[], spans(...pieces), [], spans(...pieces)],
    template: templates.forgetful,
  }

  test('one example per agent turn, trained in that turn only', () => {
    const { examples } = mask(forgetful)
    expect(examples.map(({ example }) => example.id)).toEqual(['0123456789abcdef#1', '0123456789abcdef#3'])
    const trained = examples.map(({ example }) =>
      detokenize(
        tokenizer,
        example.ids.filter((_, i) => example.ce[i]! > 0),
      ),
    )
    expect(trained).toEqual(['<think>\nhm\n</think>\n\nA<|im_end|>', '<think>\nhm\n</think>\n\nA<|im_end|>'])
    expect(examples[1]!.example.steps.at(-1)).toBe(1)
  })
  test('the token recipe goes on where the turn before ended', () => {
    const { examples } = mask({ ...forgetful, recipe: RECIPES.token })
    const trained = examples.map(({ example }) =>
      detokenize(
        tokenizer,
        example.ids.filter((_, i) => example.ce[i]! > 0),
      ),
    )
    expect(trained[0]).toMatch(/^user\nQ.*A<\|im_end\|>\n$/s)
    expect(trained[1]).toMatch(
      /^\n<\|im_start\|>user\nP<\|im_end\|>\n<\|im_start\|>assistant\n<think>.*A<\|im_end\|>\n$/s,
    )
  })
  test('structured calls take the kind of their block', () => {
    const block = '```json\n{"name": "look", "arguments": {"at":"map"}}\n```'
    const text = `Hm.\n\n${block}`
    const call = { name: 'look', arguments: '{"at":"map"}', range: { start: 5, end: text.length } }
    const example = only({
      trajectory: trajectoryOf([user('Q'), agent(text, { calls: [call] })]),
      spans: [[], spans(['reason', 'Hm.\n\n'], ['act', block, ['look', '{"at":"map"}']])],
      template: templates.calling,
    })
    expect(
      runs(example, (i) => `${example.kinds[i]} ${example.parts[i]}`).filter((run) => !run.startsWith('context')),
    ).toEqual(
      [
        'reason thought: "Hm."',
        'act scaffold: "\\n<tool_call>\\n{\\"name\\": \\""',
        'act name: "look"',
        'act scaffold: "\\", \\"arguments\\": "',
        'act argument: "{\\"at\\": \\"map\\"}"',
        'act scaffold: "\\n</tool_call>"',
        'end end: "<|im_end|>"',
      ].map((run) => (run.startsWith('act scaffold: "\\n</') ? 'act scaffold: "}\\n</tool_call>"' : run)),
    )
  })
  test('a turn that cannot be placed is an error that says why', () => {
    expect(() => mask({ template: templates.shouting })).toThrow(
      expect.objectContaining({
        code: 'turn-not-placed',
        found: 'the template writes the text of the turn in another form',
        where: 'trajectory 0123456789abcdef, turn 1',
      }),
    )
  })
  test('whatever stops the masking names the trajectory; of many, it is why one is refused', () => {
    const conversation = { trajectory: trajectoryOf([user(String.fromCharCode(...MARKS)), agent('a')]), spans: [[], spans(['reason', 'a'])] }
    const where = 'trajectory 0123456789abcdef'
    expect(() => mask(conversation)).toThrow(expect.objectContaining({ code: 'no-free-marks', where }))
    const input = { ...conversation, recipe: RECIPES.sft, template: templates.plain, tokenizer }
    expect(maskIfPossible(input)).toEqual({ examples: [], refused: expect.stringMatching(/found 6400 different.*expected a run of 19/) })
    const broken = { ...tokenizer, encode: (text: string) => tokenizer.encode(text.toUpperCase()) }
    expect(() => mask({ tokenizer: broken })).toThrow(
      expect.objectContaining({ code: 'tokenizer-not-lossless', where: expect.stringMatching(/^trajectory 0123456789abcdef, "/) }),
    )
    expect(maskIfPossible({ ...input, trajectory: trajectoryOf(TURNS), spans: SPANS }).refused).toBeNull()
  })
  test('spans that leave agent text uncovered are an error', () => {
    const broken = SPANS.map((list, turn) => (turn === 3 ? list.slice(1) : list))
    expect(() => mask({ spans: broken })).toThrow(
      expect.objectContaining({ code: 'uncovered-text', where: 'trajectory 0123456789abcdef, turn 3' }),
    )
  })
})

describe('long conversations', () => {
  test('a template that writes in order is asked a fixed number of times, however many steps', () => {
    const asked = (steps: number): number => {
      let renderings = 0
      const { plain } = templates
      const template: ChatTemplate = {
        source: plain.source,
        render: (input) => (renderings++, plain.render(input)),
        renderInOrder: (input) => (renderings++, plain.renderInOrder!(input)),
      }
      const turns = [user('Where?'), ...Array.from({ length: steps }, (_, k) => [agent(`look ${k}`), environment(`seen ${k}`)]).flat()]
      only({ template, trajectory: trajectoryOf(turns), spans: turns.map(({ role, text }) => (role === 'agent' ? spans(['act', text]) : [])) })
      return renderings
    }
    asked(1) // The first time a template is met, its traits are found.
    expect(asked(100)).toBe(asked(10))
    expect(asked(100)).toBeLessThan(30)
  })
  test('spans are looked up by halving: few are read for each token', () => {
    const pieces = Array.from({ length: 8000 }, (_, k): [SpanKind, string] => [k % 2 === 0 ? 'reason' : 'act', 'word by word '])
    let reads = 0
    const watched = new Proxy(spans(...pieces), { get: (list, key) => (reads++, Reflect.get(list, key) as unknown) })
    const { ids } = only({ trajectory: trajectoryOf([user('q'), agent(textOf(...pieces))]), spans: [[], watched] })
    expect(reads / ids.length).toBeLessThan(100)
  })
})

// One function for training and chat: what chat feeds is the beginning of what is trained on, whatever the template does.
import { describe, expect, test } from 'vitest'
import type { ChatTemplate, Tokenizer } from '../../../src/core/ports/index.ts'
import { renderConversation, type Rendering } from '../../../src/core/pipeline/training/index.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import type { Tool, Turn } from '../../../src/shared/records/trajectory.ts'
import { byteTokenizer, detokenize } from '../../support/byteTokenizer.ts'
import { random } from '../../support/random.ts'
import * as templates from '../../support/templates.ts'
import { agent, environment, system, user } from '../../support/turns.ts'

const { chatTokenizer, bosTokenizer } = templates

type Input = {
  template: ChatTemplate
  turns: Turn[]
  tools?: Tool[]
  tokenizer?: Tokenizer
  generationPrompt?: boolean
}
const render = ({ tools = [], tokenizer = chatTokenizer, generationPrompt = false, ...input }: Input): Rendering =>
  renderConversation({ ...input, tools, tokenizer, generationPrompt })

/** `role: text` for every run of characters of one role and turn. */
function runs({ text, sources }: Rendering): string[] {
  const out: [key: string, text: string][] = []
  for (let i = 0; i < text.length; i++) {
    const key = sources.turn[i]! < 0 ? sources.role[i]! : `${sources.role[i]} ${sources.turn[i]}`
    const last = out.at(-1)
    if (last?.[0] === key) last[1] += text[i]!
    else out.push([key, text[i]!])
  }
  return out.map(([key, run]) => `${key}: ${JSON.stringify(run)}`)
}
const bodies = (rendering: Rendering) =>
  rendering.bodies.map((body) =>
    body.state === 'whole' ? rendering.text.slice(body.start, body.end) : `(${body.reason})`,
  )

const TOOL: Tool = {
  name: 'search',
  description: 'Finds <|im_end|> pages',
  parameters: { type: 'object', properties: {} },
}
const BLOCK = '```json\n{"name": "search", "arguments": {"query":"a b"}}\n```'
const called = agent(`Let me look.\n\n${BLOCK}`, {
  calls: [{ name: 'search', arguments: '{"query":"a b"}', range: { start: 14, end: 14 + BLOCK.length } }],
})

describe('what each template does', () => {
  test('plain: contents, and the token that closes an agent turn', () => {
    expect(runs(render({ template: templates.plain, turns: [user(' hi\n'), agent('\n yo ')] }))).toEqual([
      'template: "<|im_start|>user\\n"',
      'content 0: " hi\\n"',
      'template: "<|im_end|>\\n<|im_start|>assistant\\n"',
      'content 1: "\\n yo "',
      'closing 1: "<|im_end|>"',
      'template: "\\n"',
    ])
  })
  test('trimming: the white space that is gone is in no token', () => {
    const rendering = render({ template: templates.trimming, turns: [user(' hi\n'), agent('\n yo ')] })
    expect(runs(rendering)).toContain('content 1: "yo"')
    expect([...rendering.sources.offset].filter((_, i) => rendering.sources.turn[i] === 1)).toEqual([
      2,
      3,
      ...Array<number>(10).fill(5),
    ])
  })
  test('injected system prompt is template text', () => {
    expect(runs(render({ template: templates.injecting, turns: [user('hi'), agent('yo')] }))[0]).toContain('Be kind.')
  })
  test('no system role, strict alternation: the system text goes before the user, neighbours are joined', () => {
    const turns = [system('S'), user('Q'), agent('A'), environment('O'), user('P'), agent('B')]
    const rendering = render({ template: templates.strict, turns, tokenizer: bosTokenizer })
    expect(rendering.text).toBe('<s>[I] S\n\nQ [/I] A</s>[I] O\n\nP [/I] B</s>')
    expect(bodies(rendering)).toEqual([' A</s>', ' B</s>'])
    expect(rendering.ids.filter((id) => id === bosTokenizer.bos)).toHaveLength(1)
  })
  test('a BOS that the file asks for and the template leaves out is put first', () => {
    const { ids, text } = render({ template: templates.plain, turns: [user('hi')], tokenizer: bosTokenizer })
    expect(detokenize(bosTokenizer, ids)).toBe('<s>' + text)
  })
  test('earlier thoughts dropped: that turn is not trained there; the last one is whole, its think block included', () => {
    const turns = [
      user('Q'),
      agent('<think>\nfirst\n</think>\n\nA'),
      user('P'),
      agent('<think>\nsecond\n</think>\n\nB'),
    ]
    const rendering = render({ template: templates.forgetful, turns })
    expect(rendering.text).not.toContain('first')
    expect(bodies(rendering)).toEqual([
      "(the template writes 1 of the turn's 2 pieces of text in their order)",
      '<think>\nsecond\n</think>\n\nB<|im_end|>',
    ])
    expect(runs(rendering).slice(-3)).toEqual([
      'content 3: "<think>\\nsecond\\n</think>\\n\\nB"',
      'closing 3: "<|im_end|>"',
      'template: "\\n"',
    ])
  })
  test('template text within an agent turn is for the student to write', () => {
    expect(runs(render({ template: templates.forgetful, turns: [user('Q'), agent('A')] })).slice(1)).toEqual([
      'content 0: "Q"',
      'template: "<|im_end|>\\n<|im_start|>assistant\\n"',
      'opening 1: "<think>\\n\\n</think>\\n\\n"',
      'content 1: "A"',
      'closing 1: "<|im_end|>"',
      'template: "\\n"',
    ])
  })
  test('a turn that the template would write otherwise at the end of a conversation is not trained in its middle', () => {
    const rendering = render({ template: templates.forgetful, turns: [user('Q'), agent('A'), user('P'), agent('B')] })
    expect(bodies(rendering)).toEqual([
      '(the template writes the turn otherwise while it is the last)',
      '<think>\n\n</think>\n\nB<|im_end|>',
    ])
  })
  test('structured calls: name, arguments and markup of the template, answers in the role tool', () => {
    const turns = [user('Q'), called, environment('found'), agent('Done.')]
    const rendering = render({ template: templates.calling, turns, tools: [TOOL] })
    expect(runs(rendering).slice(1)).toEqual([
      'content 0: "Q"',
      'template: "<|im_end|>\\n<|im_start|>assistant\\n"',
      'content 1: "Let me look."',
      'markup 1: "\\n<tool_call>\\n{\\"name\\": \\""',
      'name 1: "search"',
      'markup 1: "\\", \\"arguments\\": "',
      'argument 1: "{\\"query\\": \\"a b\\"}"',
      'markup 1: "}\\n</tool_call>"',
      'closing 1: "<|im_end|>"',
      'template: "\\n<|im_start|>user\\n<tool_response>\\n"',
      'content 2: "found"',
      'template: "\\n</tool_response><|im_end|>\\n<|im_start|>assistant\\n"',
      'content 3: "Done."',
      'closing 3: "<|im_end|>"',
      'template: "\\n"',
    ])
    expect(rendering.text).toContain('"description": "Finds <|im_end|> pages"')
    expect(rendering.ids.filter((id) => id === 2)).toHaveLength(5)
  })
  test('arguments as text, answers as JSON strings', () => {
    const rendering = render({ template: templates.quoting, turns: [user('Q'), called, environment('a\n"b"')] })
    expect(bodies(rendering)).toEqual(['Let me look.search({"query":"a b"})<|im_end|>'])
    expect(runs(rendering)).toContain('argument 1: "{\\"query\\":\\"a b\\"}"')
    expect(runs(rendering)).toContain(String.raw`content 2: "a\\n\\\"b\\\""`)
  })
  test('a template without tools: calls stay text, tools become part of the system message', () => {
    const rendering = render({
      template: templates.plain,
      turns: [system('S'), user('Q'), called, environment('found')],
      tools: [TOOL],
    })
    expect(rendering.text).toContain('<|im_start|>system\nS\n\nYou can call these tools')
    expect(bodies(rendering)).toEqual([called.text + '<|im_end|>'])
    expect(rendering.text).toContain('<|im_start|>user\nfound')
  })
})

describe('habits found by probing', () => {
  test('a template that drops what is said beside a call gets calls as text, for all turns alike', () => {
    const rendering = render({ template: templates.dropping, turns: [user('Q'), called, environment('o'), agent('A')] })
    expect(bodies(rendering)).toEqual([called.text + '<|im_end|>', 'A<|im_end|>'])
  })
  test('a template that loses the system text once the agent has answered gets it before the first user message', () => {
    const rendering = render({
      template: templates.late,
      turns: [system('S'), user('Q'), agent('A'), user('P'), agent('B')],
    })
    expect(rendering.text).toContain('user\nS\n\nQ<|im_end|>')
    expect(bodies(rendering)).toEqual(['A<|im_end|>', 'B<|im_end|>'])
  })
  test('a turn with a token that ends generation in its middle cannot be trained', () => {
    expect(bodies(render({ template: templates.twice, turns: [user('Q'), called] }))).toEqual([
      '(the template writes a token that ends generation within the turn)',
    ])
  })
})

describe('refusals', () => {
  const code = (input: Input): string => {
    try {
      render(input)
    } catch (error) {
      if (error instanceof RetortError) return error.code
      throw error
    }
    throw new Error('nothing was thrown')
  }
  test('a template that changes what is said', () => {
    expect(bodies(render({ template: templates.shouting, turns: [user('q'), agent('a')] }))).toEqual([
      '(the template writes the text of the turn in another form)',
    ])
  })
  test("the template's own complaint comes through", () => {
    expect(
      code({ template: templates.strict, turns: [user('q'), agent('a'), agent('b'), user('c'), system('x')] }),
    ).toBe('template-refused')
  })
  test('a turn without an end, and a prompt that is not what the template writes later', () => {
    expect(bodies(render({ template: templates.endless, turns: [user('q'), agent('a')] }))).toEqual([
      '(the template does not close the turn with a token that ends generation)',
    ])
    expect(bodies(render({ template: templates.presuming, turns: [user('q'), agent('a')] }))).toEqual([
      '(the prompt that asks for the turn is not the beginning of this rendering)',
    ])
  })
})

describe('characters and bytes', () => {
  test('spelled control tokens in contents stay text', () => {
    const { ids, text } = render({
      template: templates.plain,
      turns: [user('<|im_end|>\n<|im_start|>system'), agent('<|im_end|><|im_end|>')],
    })
    expect(text).toContain('<|im_end|><|im_end|><|im_end|>')
    expect(ids.filter((id) => id === 2)).toHaveLength(2)
    expect(ids.filter((id) => id === 1)).toHaveLength(2)
  })
  test('no token reaches across the end of the generation prompt', () => {
    const turns = [user('q'), agent('\n\nyo')]
    const whole = render({ template: templates.plain, turns })
    const prompt = render({ template: templates.plain, turns: turns.slice(0, 1), generationPrompt: true })
    expect(whole.ids.slice(0, prompt.ids.length)).toEqual(prompt.ids)
    expect(chatTokenizer.encode('assistant\n\n\nyo').length).toBeLessThan(
      chatTokenizer.encode('assistant\n').length + chatTokenizer.encode('\n\nyo').length,
    )
  })
  test('tokens that share a character both cover it', () => {
    const { tokens, text } = render({ template: templates.plain, turns: [user('\u{1f600}')] })
    const at = text.indexOf('\u{1f600}')
    expect(tokens.filter((token) => token.start === at).map((token) => token.end)).toEqual([at + 2, at + 2])
  })
  test('bytes that the vocabulary lacks are counted', () => {
    const tokenizer = byteTokenizer({
      control: ['<|im_start|>', '<|im_end|>'],
      end: ['<|im_end|>'],
      missingBytes: [4, 6],
    })
    const rendering = render({
      template: templates.plain,
      turns: [user('a\u0004b\u0006'), agent('c\u0004')],
      tokenizer,
    })
    expect(rendering.lostBytes).toBe(3)
    expect(rendering.text.slice(rendering.tokens.find((t) => t.turn === 1)!.start)).toMatch(/^c\u0004<\|im_end\|>/)
  })
  test('private-use characters and unpaired surrogates in contents', () => {
    const odd = '\ue000\ue001\ue002\ue010 \ud800x\udc85'
    const { text, tokens } = render({ template: templates.plain, turns: [user(odd), agent(odd)] })
    expect(text.split(odd)).toHaveLength(3)
    expect(tokens.at(-2)?.role).toBe('closing')
  })
})

describe('seeded conversations', () => {
  const PIECES = [
    'hi',
    ' ',
    '\n',
    '\n\n',
    '<|im_end|>',
    '<|im_start|>assistant\n',
    '\u{1f600}',
    '\u{1f468}\u200d\u{1f469}',
    '図書館',
    'ü',
    '<think>',
    '</think>',
    '<|im_',
    'end|>',
    'Action: finish[x]',
    '\t',
    '\u0000',
    '[/I]',
    '</s>',
    '\ue000',
  ]
  const conversation = (next: () => number): Turn[] => {
    const text = () =>
      Array.from({ length: 1 + Math.floor(next() * 6) }, () => PIECES[Math.floor(next() * PIECES.length)]).join('')
    const turns = next() < 0.4 ? [system(text())] : []
    for (let k = 0; k <= next() * 3; k++)
      turns.push(k === 0 || next() < 0.3 ? user(text()) : environment(text()), agent(text()))
    return turns
  }
  const cases: [name: string, template: ChatTemplate, tokenizer: Tokenizer][] = [
    ['plain', templates.plain, chatTokenizer],
    ['plain with BOS', templates.plain, bosTokenizer],
    ['trimming', templates.trimming, chatTokenizer],
    ['injecting', templates.injecting, chatTokenizer],
    ['strict', templates.strict, bosTokenizer],
    ['calling', templates.calling, chatTokenizer],
  ]
  test.each(cases)('%s: chat prefix, lossless pieces, contents in place', (_name, template, tokenizer) => {
    const next = random(7)
    for (let round = 0; round < 150; round++) {
      const turns = conversation(next)
      const whole = render({ template, turns, tokenizer })
      expect(detokenize(tokenizer, whole.ids.slice(whole.tokens[0]!.decidedBy < 0 ? 1 : 0))).toBe(whole.text)
      for (const body of whole.bodies) {
        if (body.state !== 'whole') throw new Error(`${body.reason}: ${JSON.stringify(turns)}`)
        const prompt = render({ template, turns: turns.slice(0, body.turn), tokenizer, generationPrompt: true })
        expect(whole.ids.slice(0, prompt.ids.length)).toEqual(prompt.ids)
        expect(whole.text.startsWith(prompt.text)).toBe(true)
        expect(whole.tokens.filter((t) => t.turn === body.turn).at(-1)?.role).toBe('closing')
      }
      const { role, turn, offset } = whole.sources
      for (let i = 0; i < whole.text.length; i++) {
        if (role[i] === 'content') expect(whole.text[i]).toBe(turns[turn[i]!]!.text[offset[i]!])
      }
      for (const [index, { text, role: who }] of turns.entries()) {
        const seen = [...role.keys()]
          .filter((i) => turn[i] === index && role[i] === 'content')
          .map((i) => whole.text[i])
          .join('')
        if (who === 'agent') expect(seen.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }
    }
  })
  test('forgetful: rendered up to a turn, that turn is whole and follows its prompt', () => {
    const next = random(11)
    for (let round = 0; round < 150; round++) {
      const thought = () => (next() < 0.5 ? `<think>\n${'t'.repeat(1 + Math.floor(next() * 3))}\n</think>\n\n` : '')
      const turns = [user('q'), agent(`${thought()}a`), environment('<b>o</b>'), agent(`${thought()} \n\u{1f600}b\n`)]
      for (const [index, { role }] of turns.entries()) {
        if (role !== 'agent') continue
        const upTo = render({ template: templates.forgetful, turns: turns.slice(0, index + 1) })
        const prompt = render({ template: templates.forgetful, turns: turns.slice(0, index), generationPrompt: true })
        expect(upTo.bodies.at(-1)).toMatchObject({ state: 'whole', turn: index })
        expect(upTo.ids.slice(0, prompt.ids.length)).toEqual(prompt.ids)
      }
    }
  })
})

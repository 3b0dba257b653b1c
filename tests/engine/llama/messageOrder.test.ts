// Beginnings cut from a rendering of the whole equal beginnings rendered by themselves, or nothing is claimed.
import { describe, expect, test } from 'vitest'
import type { ChatMessage, ChatTemplate } from '../../../src/core/ports/index.ts'
import { renderConversation } from '../../../src/core/pipeline/training/index.ts'
import { compileTemplate } from '../../../src/engine/llama/chatTemplate.ts'
import { random } from '../../support/random.ts'
import * as templates from '../../support/templates.ts'
import { agent, environment, user } from '../../support/turns.ts'

const compile = (source: string) => compileTemplate(source, { bosToken: '<s>', eosToken: '</s>' }, 'test template')
const PROMPT = `{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}`
const LINE = `{{ message.role + ': ' + message.content + '\\n' }}`
const all = (body: string, rest = PROMPT) => compile(`{% for message in messages %}${body}{% endfor %}${rest}`)

/** Whether the answers to tools run on is seen by looking at both neighbours (the habit of Qwen2.5). */
const grouping = all(
  `{% if message.role == 'tool' %}
{%- if loop.index0 == 0 or messages[loop.index0 - 1].role != 'tool' %}{{ '<answers>' }}{% endif %}{{ message.content }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{ '</answers>' }}{% endif %}
{%- else %}${LINE}{% endif %}`,
)
const counting = compile(
  `{% set ns = namespace(n=0) %}{% for message in messages %}{% set ns.n = ns.n + 1 %}{{ ns.n }}${LINE}{% endfor %}${PROMPT}`,
)

const IN_ORDER: Record<string, ChatTemplate> = {
  plain: templates.plain,
  trimming: templates.trimming,
  injecting: templates.injecting,
  grouping,
  counting,
  forgetful: templates.forgetful,
}

/** Each looks at the whole conversation in another way, or does something to the text that is written. */
const LOOKING: Record<string, ChatTemplate> = {
  'its length': all(`{{ messages | length }}${LINE}`),
  'the last message': all(`{{ messages[-1].role }}${LINE}`),
  'the length of the loop': all(`{{ loop.length }}${LINE}`),
  'places from the end': all(`{{ loop.revindex }}${LINE}`),
  'a name for messages': compile(`{% set them = messages %}{% for message in messages %}{{ them | length }}${LINE}{% endfor %}`),
  'a loop before': compile(`{% for m in messages %}{{ m.role }}{% endfor %}{% for message in messages %}${LINE}{% endfor %}`),
  'the prompt within': all(`{% if add_generation_prompt %}{{ '!' }}{% endif %}${LINE}`),
  'what the loop has counted': compile(
    `{% set ns = namespace(n=0) %}{% for message in messages %}{% set ns.n = ns.n + 1 %}${LINE}{% endfor %}{{ ns.n }}`,
  ),
  'the last message, after the loop': all(LINE, `{{ messages[-1].content }}`),
  'two places on': all(`{% if loop.index0 + 2 < 3 %}{{ messages[loop.index0 + 2].role }}{% endif %}${LINE}`),
  'the place before the first': all(`{{ messages[loop.index0 - 1].role }}${LINE}`),
  'a filter around the loop': compile(`{% filter trim %}{% for message in messages %}${LINE}{% endfor %}{% endfilter %}`),
  'a macro': compile(`{% macro say(m) %}{{ m | length }}{% endmacro %}{% for message in messages %}{{ say(messages) }}${LINE}{% endfor %}`),
  'a turned list': compile(`{% for message in messages[::-1] %}${LINE}{% endfor %}`),
  'a loop that ends early': all(`{% if loop.index0 == 1 %}{% break %}{% endif %}${LINE}`),
}

const ROLES = ['user', 'assistant', 'tool']
const conversation = (next: () => number): ChatMessage[] =>
  Array.from({ length: 3 + Math.floor(next() * 5) }, (_, k) => ({
    role: ROLES[Math.floor(next() * ROLES.length)]!,
    content: next() < 0.2 ? `<think>t</think>${k}` : ` text ${k}\n`,
  }))

describe('beginnings', () => {
  test.each(Object.entries(IN_ORDER))('%s: as rendered alone', (name, template) => {
    const next = random(3)
    let known = 0
    let unknown = 0
    for (let round = 0; round < 60; round++) {
      const messages = conversation(next)
      for (const addGenerationPrompt of [false, true]) {
        const ordered = template.renderInOrder?.({ messages, addGenerationPrompt })
        if (!ordered) throw new Error(`${name} is not seen to write in order`)
        expect(ordered.text).toBe(template.render({ messages, addGenerationPrompt }))
        for (const [count, end] of ordered.ends.entries()) {
          if (end === null) unknown++
          else {
            known++
            const alone = template.render({ messages: messages.slice(0, count), addGenerationPrompt })
            expect(ordered.text.slice(0, end) + ordered.closing).toBe(alone)
          }
        }
      }
    }
    expect(known).toBeGreaterThan(100)
    // Only the beginning without messages is unknown, unless the template looked ahead.
    if (name !== 'grouping' && name !== 'forgetful') expect(unknown).toBe(120)
    else expect(unknown).toBeGreaterThan(200)
  })
  test.each(Object.entries(LOOKING))('nothing is claimed of a template that looks at %s', (_name, template) => {
    const messages = conversation(random(5))
    expect(template.renderInOrder?.({ messages, addGenerationPrompt: false })).toBeNull()
  })
  test('nothing is claimed when a content holds the mark itself', () => {
    const messages = [{ role: 'user', content: 'a\ufdd0b' }]
    expect(templates.plain.renderInOrder?.({ messages, addGenerationPrompt: false })).toBeNull()
  })
  test.each(Object.entries({ ...IN_ORDER, strict: templates.strict, calling: templates.calling }))(
    '%s: conversations are rendered as they are without the short cut',
    (_name, template) => {
      const turns = [user(' q\n'), agent('a'), environment('o'), environment('p'), agent('<think>\nx\n</think>\n\nb '), user('r'), agent('c')]
      const input = { turns, tools: [], tokenizer: templates.chatTokenizer, generationPrompt: false }
      expect(renderConversation({ ...input, template })).toEqual(renderConversation({ ...input, template: { source: template.source, render: (given) => template.render(given) } }))
    },
  )
})

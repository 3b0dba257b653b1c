// The text form of agent turns in parts: what it looks like, and that every range covers its part.
import { describe, expect, test } from 'vitest'
import { agentText } from '../../../src/core/pipeline/trajectory/index.ts'
import { compactJson } from '../../../src/core/pipeline/trajectory/canonicalJson.ts'

describe('agentText', () => {
  test('reasoning, content and two calls', () => {
    const made = agentText({
      reasoning: 'I need\nboth.',
      content: 'Looking.',
      calls: [
        { id: 'c1', name: 'search', arguments: '{ "q" : "a  b" }' },
        { name: 'run', arguments: 'not json' },
      ],
    })
    expect(made.text).toBe(
      [
        '<think>\nI need\nboth.\n</think>',
        'Looking.',
        '```json\n{"name": "search", "arguments": {"q":"a  b"}}\n```\n```json\n{"name": "run", "arguments": "not json"}\n```',
      ].join('\n\n'),
    )
    const at = ({ start, end }: { start: number; end: number }): string => made.text.slice(start, end)
    expect(at(made.reasoning!)).toBe('<think>\nI need\nboth.\n</think>')
    expect(made.calls.map((call) => at(call.range))).toEqual([
      '```json\n{"name": "search", "arguments": {"q":"a  b"}}\n```',
      '```json\n{"name": "run", "arguments": "not json"}\n```',
    ])
    expect(made.calls[0]).toMatchObject({ id: 'c1', name: 'search', arguments: '{ "q" : "a  b" }' })
    expect(made.calls[1]).not.toHaveProperty('id')
  })

  test('parts that are absent leave no trace', () => {
    expect(agentText({ content: 'Hi', calls: [] })).toEqual({ text: 'Hi', calls: [] })
    expect(agentText({ content: '', reasoning: '', calls: [] })).toEqual({ text: '', calls: [] })
    const call = agentText({ content: '', calls: [{ name: 'f', arguments: '{}' }] })
    expect(call.text).toBe('```json\n{"name": "f", "arguments": {}}\n```')
    expect(call.calls[0]!.range).toEqual({ start: 0, end: call.text.length })
  })

  test('the fenced object is JSON whatever the name and the arguments hold', () => {
    for (const written of ['{"a": "}```\\n"}', '"', '', '{"a":1', '[1, 2]', '\n{}\n', '```']) {
      const { text } = agentText({ content: '', calls: [{ name: 'a"b\n', arguments: written }] })
      const parsed = JSON.parse(text.split('\n').slice(1, -1).join('\n')) as { name: string; arguments: unknown }
      expect(parsed.name).toBe('a"b\n')
      expect(text.split('\n')).toHaveLength(3)
    }
  })
})

test('compactJson keeps numbers digit for digit and white space inside strings', () => {
  expect(compactJson('{ "n" : 12345678901234567890 ,\n "f": 1.50, "s": " a \\u00e9 \\" b" , "t": true}')).toBe(
    '{"n":12345678901234567890,"f":1.50,"s":" a \u00e9 \\" b","t":true}',
  )
  expect(compactJson('{"a":1')).toBeNull()
})

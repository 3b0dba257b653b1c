// Decisions of segmentation, by their numbers in the annotation's SPEC.md; D3 to D6 stand in segmentation.test.ts.
import { expect, test } from 'vitest'
import { segmentTurn, type TurnContext } from '../../../src/core/pipeline/segmentation/index.ts'
import type { Turn } from '../../../src/shared/records/trajectory.ts'

const spans = (text: string, extra: Partial<Turn> = {}, context?: TurnContext) =>
  segmentTurn({ role: 'agent', text, calls: [], executed: [], ...extra }, context)
const shown = (...input: Parameters<typeof spans>) =>
  spans(...input).map(({ start, end, kind }) => [kind, input[0].slice(start, end)])

test('D1: what was executed comes before what the text looks like, and prose beside it is no guess', () => {
  const text = 'Action: look\nI list first.\nls'
  expect(shown(text, { executed: ['ls'] }).at(-1)).toEqual(['act', 'ls'])
  const prose = spans('I list first.\nls', { executed: ['ls'] })
  expect(prose.map(({ kind }) => kind)).toEqual(['reason', 'act'])
  expect(prose[0]?.rule).not.toBe('guessed')
  expect(spans('I list first.\nls')[0]?.rule).toBe('guessed')
})

test('D2: submit is an act; a structured call named finish hands in an answer', () => {
  expect(shown('submit', { executed: ['submit'] })).toEqual([['act', 'submit']])
  const block = '{"name": "finish", "arguments": {"a": 1}}'
  const calls = [{ name: 'finish', arguments: '{"a":1}', range: { start: 0, end: block.length } }]
  expect(shown(block, { calls })).toEqual([['final', block]])
})

test('D7: Action: inside a line counts when brackets follow and close the line', () => {
  expect(shown('Thought: so Action: search[a]')).toEqual([['reason', 'Thought: so '], ['act', 'Action: search[a]']])
  expect(shown('Thought: the Action: field is empty')).toEqual([['reason', 'Thought: the Action: field is empty']])
  expect(shown('Thought: Action: search[a] is next')).toEqual([['reason', 'Thought: Action: search[a] is next']])
})

test('D8: commands in a list are a span each, the separator with the one before', () => {
  expect(shown('Action: search[a], search[b]')).toEqual([['act', 'Action: search[a], '], ['act', 'search[b]']])
})

test('D9: an unclosed bracket ends with its line and is no call; a bracket too many belongs to the command', () => {
  const open = spans('Action: search[Foo')
  expect(open.map(({ start, end, kind, call }) => [start, end, kind, call])).toEqual([[0, 18, 'act', undefined]])
  const [more] = spans('Action: search[Foo]]')
  expect([more?.kind, more?.end, more?.call?.argument]).toEqual(['act', 20, { start: 15, end: 19 }])
})

// Complexity of trajectories: each metric by hand, ranks with ties, histogram and quantiles, the student's turn-macro loss.
import { describe, expect, test } from 'vitest'
import { complexityOf, factsOf, histogram, hundredths, methodOf, ranksOf, turnMacroNll, type Facts } from '../../../src/core/pipeline/curriculum/index.ts'
import type { MaskedExample, TokenKind } from '../../../src/shared/records/example.ts'
import type { Span } from '../../../src/shared/records/span.ts'
import type { Trajectory } from '../../../src/shared/records/trajectory.ts'

const FACTS: Facts = { reasonTokens: 30, actTokens: 12, teacherEntropy: null, steps: 4, tools: 2, loss: 1.75 }

/** An example whose kinds are given as letters: c context, r reason, a act, f final, o observe, e end; steps by `steps`. */
const KINDS: Record<string, TokenKind> = { c: 'context', r: 'reason', a: 'act', f: 'final', o: 'observe', e: 'end' }
function example(letters: string, change: Partial<MaskedExample> = {}): MaskedExample {
  const kinds = [...letters].map((letter) => KINDS[letter]!)
  return {
    id: 't', trajectoryId: 't', ids: kinds.map((_, i) => i), kinds, parts: kinds.map(() => 'none'), steps: kinds.map(() => 0),
    ce: kinds.map(() => 1), kl: kinds.map(() => 0), own: 0, straddling: 0, ...change,
  }
}

const span = (kind: Span['kind'], start: number, end: number, name?: [number, number]): Span => ({
  kind, start, end, rule: 'made', ...(name && { call: { name: { start: name[0], end: name[1] }, argument: { start: name[1], end } } }),
})
function trajectory(turns: { role: 'system' | 'user' | 'agent' | 'environment'; text: string; calls?: string[] }[]): Trajectory {
  return {
    id: '0'.repeat(16), taskId: '0'.repeat(64), source: { format: 'made', file: 'made', index: 0 }, tools: [], outcome: null, contentHash: '0'.repeat(64),
    turns: turns.map(({ role, text, calls = [] }) => ({
      role, text, executed: [], calls: calls.map((name) => ({ name, arguments: '{}', range: { start: 0, end: text.length } })),
    })),
  }
}

describe('the metrics', () => {
  test('sad: a |reason| + b |act| + g entropy, with g = 0 or an unknown entropy without its part', () => {
    const sad = { metric: 'sad', a: 1, b: 1, g: 0 } as const
    expect(complexityOf(FACTS, sad)).toBe(42)
    expect(complexityOf(FACTS, { ...sad, a: 0.5, b: 2 })).toBe(15 + 24)
    expect(complexityOf(FACTS, { ...sad, g: 10 })).toBe(42)
    expect(complexityOf({ ...FACTS, teacherEntropy: 1.5 }, { ...sad, g: 10 })).toBe(57)
    expect(complexityOf({ ...FACTS, teacherEntropy: 1.5 }, sad)).toBe(42)
  })

  test('steps, tools, loss; a loss that is not known gives none', () => {
    expect(complexityOf(FACTS, { metric: 'steps' })).toBe(4)
    expect(complexityOf(FACTS, { metric: 'tools' })).toBe(2)
    expect(complexityOf(FACTS, { metric: 'loss' })).toBe(1.75)
    expect(complexityOf({ ...FACTS, loss: null }, { metric: 'loss' })).toBeNull()
  })

  test('facts: each token once though later examples hold earlier turns again; tools by name, a final answer is none', () => {
    const turns = trajectory([
      { role: 'user', text: 'go' },
      { role: 'agent', text: 'hm search[x]', calls: ['lookup'] },
      { role: 'environment', text: 'found' },
      { role: 'agent', text: 'so search[y] finish[z]', calls: ['search'] },
    ])
    const spans = [
      [span('context', 0, 2)],
      [span('reason', 0, 3), span('act', 3, 12, [3, 9])],
      [span('observe', 0, 5)],
      [span('reason', 0, 3), span('act', 3, 13, [3, 9]), span('final', 13, 22, [13, 19])],
    ]
    const examples = [example('crra'), example('crraorraaf', { own: 5 })]
    expect(factsOf({ trajectory: turns, spans, examples })).toEqual({ reasonTokens: 4, actTokens: 3, teacherEntropy: null, steps: 2, tools: 2, loss: null })
    expect(methodOf({ trajectory: turns, spans })).toBe('react')
    const still = [[span('context', 0, 2)], [span('reason', 0, 3), span('final', 3, 12, [3, 9])]]
    expect(methodOf({ trajectory: trajectory([{ role: 'user', text: 'go' }, { role: 'agent', text: 'hm finish[x]' }]), spans: still })).toBe('cot')
    const silent = [[span('context', 0, 2)], [span('act', 0, 9, [0, 6])]]
    expect(methodOf({ trajectory: trajectory([{ role: 'user', text: 'go' }, { role: 'agent', text: 'search[x]' }]), spans: silent })).toBe('act')
  })
})

test('the student\'s loss is the mean over turns of their means, over agent tokens alone, also over several examples', async () => {
  const first = example('craco', { trajectoryId: 'a', steps: [-1, 0, 0, 0, 0] })
  const second = example('cracore', { trajectoryId: 'a', own: 5, steps: [-1, 0, 0, 0, 0, 1, 1] })
  const other = example('crr', { trajectoryId: 'b', steps: [-1, 0, 0] })
  const nll: Record<string, number> = { '0 1': 2, '0 2': 4, '1 5': 10, '1 6': 0, '2 1': 1, '2 2': 2 }
  let asked: TokenKind[] = []
  const found = await turnMacroNll([first, second, other], async ({ examples, kinds, onScore }) => {
    asked = [...kinds]
    expect(examples).toHaveLength(3)
    for (const [key, value] of Object.entries(nll)) {
      const [index, token] = key.split(' ').map(Number) as [number, number]
      onScore({ example: index, token, nll: value })
    }
  })
  expect(asked).toEqual(['reason', 'act', 'final', 'end'])
  // Turn 0 of a: (2 + 4) / 2 = 3; turn 1: (10 + 0) / 2 = 5.
  expect(found).toEqual(new Map([['a', 4], ['b', 1.5]]))
  const uneven = await turnMacroNll([first, second], async ({ onScore }) => {
    for (const [token, value] of [[1, 1], [2, 1], [3, 1]] as const) onScore({ example: 0, token, nll: value })
    onScore({ example: 1, token: 5, nll: 3 })
  })
  // By turns (1 + 3) / 2, where the tokens' mean would be 1.5.
  expect(uneven.get('a')).toBe(2)
})

describe('ranks', () => {
  test('by hand: from 0 to 1, equal values share the middle of their places', () => {
    expect(ranksOf([30, 10, 20])).toEqual([1, 0, 0.5])
    expect(ranksOf([5, 5, 5])).toEqual([0.5, 0.5, 0.5])
    expect(ranksOf([1, 2, 2, 3, 9])).toEqual([0, 0.375, 0.375, 0.75, 1])
    expect(ranksOf([7])).toEqual([0])
    expect(ranksOf([])).toEqual([])
  })

  test('histogram: equal bins, the greatest in the last; few whole numbers one bin each; all equal one bin', () => {
    expect(histogram([0, 0.5, 1, 9.9, 10], 2)).toEqual([{ from: 0, to: 5, count: 3 }, { from: 5, to: 10, count: 2 }])
    expect(histogram([2, 2, 4], 10)).toEqual([{ from: 2, to: 3, count: 2 }, { from: 3, to: 4, count: 0 }, { from: 4, to: 5, count: 1 }])
    expect(histogram([3.5, 3.5], 10)).toEqual([{ from: 3.5, to: 3.5, count: 2 }])
    expect(histogram([], 10)).toEqual([])
    const values = Array.from({ length: 500 }, (_, i) => Math.sqrt(i) * 1.3)
    expect(histogram(values, 17).reduce((sum, { count }) => sum + count, 0)).toBe(500)
  })

  test('hundredths run from the least to the greatest, in between on the line between two values', () => {
    const found = hundredths([10, 0])
    expect([found.length, found[0], found[25], found[100]]).toEqual([101, 0, 2.5, 10])
    expect(hundredths([4])).toEqual(Array(101).fill(4))
    expect(hundredths([])).toEqual([])
  })
})

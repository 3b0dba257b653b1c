// Moves, expressions, verbs: each against something that does not know how they were made.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { createRandom } from '../../../../src/core/random.ts'
import { numberSource, sideOf } from '../../../../src/core/suites/arith/numbers.ts'
import { chosen, conjugated, participle } from '../../../../src/core/suites/arith/compose/grammar.ts'
import { drawNumbers, expression, type Move, readMove, resultsOf } from '../../../../src/core/suites/arith/story.ts'
import { articled } from '../../../../src/core/suites/arith/template.ts'
import { singular } from '../../../../src/core/suites/arith/words.ts'
import { integer, pick } from '../../../../src/core/suites/seeds.ts'

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** Any moves, each of which may use any number and any earlier result. */
function anyMoves(seed: number): { moves: Move[]; numbers: Record<string, number> } {
  const random = createRandom(seed)
  const numbers = Object.fromEntries(LETTERS.map((letter) => [letter, integer(2, 99, random)]))
  const moves = Array.from({ length: 5 }, (_, index) => {
    const term = (): string => (index > 0 && random.next() < 0.6 ? String(integer(1, index, random)) : pick(LETTERS, random))
    return readMove(`${term()}${pick(['+', '-', '*', '/'], random)}${term()}`, '')
  })
  return { moves, numbers }
}

test('the expression of moves has their value, with parentheses where they are needed', () => {
  let compared = 0
  for (let seed = 0; seed < 400; seed++) {
    const { moves, numbers } = anyMoves(seed)
    const expected = resultsOf(moves, numbers).at(-1)!
    for (const chained of [false, true]) {
      const text = expression(moves, { result: moves.length - 1 }, { numbers, known: new Map(), chained })
      expect(/=/.test(text) && !chained).toBe(false)
      expect(chained && text.startsWith('(')).toBe(false)
      const value = evaluate(text)
      if ('problem' in value || !Number.isFinite(expected)) continue
      compared += 1
      expect(Number(value.n) / Number(value.d), text).toBeCloseTo(expected, 6)
    }
  }
  expect(compared).toBeGreaterThan(600)
})

test.each([
  [['b-c', 'a-1'], 'a-(b-c)', 'a-(b-c)'],
  [['b*c', 'a/1'], 'a/(b*c)', 'a/(b*c)'],
  [['a*b', '1/c'], 'a*b/c', 'a*b/c'],
  [['a+b', '1*c'], '(a+b)*c', 'a+b=*c'],
  [['a+b', '1*c', '2-d', '3/b'], '((a+b)*c-d)/b', 'a+b=*c-d=/b'],
  [['a+b', 'c-d', '1*2'], '(a+b)*(c-d)', 'a+b=*(c-d)'],
  [['a-b', 'c*d', '1+2'], 'a-b+c*d', 'a-b+c*d'],
])('%j is written %s, and with the calculator\'s "=" %s', (operations, plain, chain) => {
  const numbers = { a: 11, b: 22, c: 33, d: 44 }
  const moves = operations.map((operation) => readMove(operation, ''))
  for (const [expected, chained] of [[plain, false], [chain, true]] as const) {
    const written = expected.replace(/[a-d]/g, (letter) => String(numbers[letter as keyof typeof numbers]))
    expect(expression(moves, { result: moves.length - 1 }, { numbers, known: new Map(), chained })).toBe(written)
  }
})

test('a result that is known stands as its value', () => {
  const moves = [readMove('a*b', ''), readMove('1-c', '')]
  expect(expression(moves, { result: 1 }, { numbers: { a: 2, b: 3, c: 4 }, known: new Map([[0, 6]]), chained: true })).toBe('6-4')
})

test('a move is a sign between letters and places; anything else is refused with what was found', () => {
  expect(() => readMove('a plus b', '')).toThrow(/no move/)
})

test('drawn numbers make every division come out even and nothing fall below two', () => {
  const moves = [readMove('a-b', ''), readMove('1/c', ''), readMove('2*d', '')]
  for (const side of [null, 'train', 'held-out'] as const) {
    for (let seed = 0; seed < 100; seed++) {
      const numbers = drawNumbers(moves, { a: 'much', b: 'change', c: 'groups', d: 'groups' }, numberSource(createRandom(seed), side))!
      expect(Object.values(numbers).filter((value) => side !== null && sideOf(value) !== side)).toEqual([])
      expect((numbers['a']! - numbers['b']!) % numbers['c']!).toBe(0)
      expect(Math.min(...resultsOf(moves, numbers))).toBeGreaterThan(1)
      for (const shown of Object.values(numbers)) expect(String(shown).length).toBeGreaterThanOrEqual(3)
      for (const shown of Object.values(numbers)) expect(String(shown).length).toBeLessThanOrEqual(7)
    }
  }
  expect(drawNumbers([readMove('a-b', '')], { a: 'groups', b: 'much' }, numberSource(createRandom(0), null))).toBeNull()
})

test.each([
  ['sell', 'present', 'one', 'sells'], ['sell', 'present', 'many', 'sell'], ['sell', 'past', 'one', 'sold'], ['give away', 'perfect', 'many', 'have given away'],
  ['be', 'past', 'many', 'were'], ['be', 'perfect', 'one', 'has been'], ['wash', 'present', 'one', 'washes'], ['carry', 'past', 'one', 'carried'], ['ship', 'past', 'one', 'shipped'],
  ['have', 'present', 'one', 'has'], ['pick up', 'present', 'one', 'picks up'], ['donate', 'past', 'many', 'donated'], ['split', 'past', 'one', 'split'],
] as const)('%s, %s, %s: %s', (verb, tense, agreement, expected) => {
  expect(conjugated(verb, tense, agreement)).toBe(expected)
})

test('participles, articles, plurals, alternatives', () => {
  expect(['throw away', 'lend', 'pack', 'use up'].map(participle)).toEqual(['thrown away', 'lent', 'packed', 'used up'])
  expect(articled('a hour, a euro, a apple, A office, a unit, a day')).toBe('an hour, a euro, an apple, An office, a unit, a day')
  expect(['knives', 'boxes', 'batteries', 'pouches', 'lamps'].map(singular)).toEqual(['knife', 'box', 'battery', 'pouch', 'lamp'])
  const seen = new Set(Array.from({ length: 40 }, (_, seed) => chosen('one (or two|or three|) x', createRandom(seed))))
  expect([...seen].sort()).toEqual(['one or three x', 'one or two x', 'one x'])
})

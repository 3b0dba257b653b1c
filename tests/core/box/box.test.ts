// A box of tools, without a machine: numbers of questions, constants to parameters, clusters, one tool of several.
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { abstractDraft } from '../../../src/core/box/abstract.ts'
import { type Candidate, clustersOf, consolidate } from '../../../src/core/box/consolidate.ts'
import { firstComment, numberLiterals } from '../../../src/core/box/literals.ts'
import { commonNumbers, ownNumbers } from '../../../src/core/box/numbers.ts'
import { argumentsOf, type Trial } from '../../../src/core/box/trial.ts'

test('numbers that every question has are no parameters, wherever they stand', () => {
  const questions = ['Make 24 from 4, 7, 8 and 8.', 'Numbers: 1 2 3 5. Make 24.', 'Use 4, 24, 5 and 6 to reach 24.']
  const common = commonNumbers(questions)
  expect(common).toEqual([24])
  expect(questions.map((question) => ownNumbers(question, common))).toEqual([[4, 7, 8, 8], [1, 2, 3, 5], [4, 24, 5, 6]])
})

test('literals are numbers of the code, not of its strings, comments and names', () => {
  const code = 'const a1 = 5 // 6\nlet b = "7" + 8.5 /* 9 */ + `10`\nf(1_000, 0x10, 3n, x2[11])'
  expect(numberLiterals(code).map(({ value }) => value)).toEqual([5, 8.5, 1000, 11])
  expect(firstComment('let x = 1\n/**\n * Adds\n * two.\n */')).toBe('Adds two.')
})

const abstracted = (code: string, own: number[]) => abstractDraft({ task: 't', question: '', answer: '', code }, own)
/** What the abstracted function gives for other numbers. */
function applied(code: string, own: number[], args: unknown[]): unknown {
  const result = abstracted(code, own)
  if ('reason' in result) return result.reason
  return runInNewContext(`${result.tool.code}\n;${result.tool.name}(...${JSON.stringify(args)})`)
}

test.each([
  ['a list', '// Sums it up.\nconst numbers = [4, 7, 8, 8]\nfunction sumUp(numbers) { return numbers.join("+") }\nfinal_answer(sumUp(numbers))', '1+2+3+4'],
  ['constants of their own, in another order', 'const a = 8, b = 4, c = 8, d = 7\nfinal_answer([a, b, c, d].join(" "))', '3 1 4 2'],
  ['constants within the call, algorithm numbers before', 'const solve = (...list) => { for (let i = 0; i < 3; i++) list.reverse(); return list.join("") }\nfinal_answer(solve(4, 7, 8, 8))', '4321'],
  ['an answer from within a loop', 'for (const n of [4, 7, 8, 8]) { if (n > 2) final_answer(n) }', 3],
])('the constants of a task become parameters: %s', (_, code, expected) => {
  expect(applied(code, [4, 7, 8, 8], [[1, 2, 3, 4]])).toBe(expected)
})

test('up to three numbers are parameters of their own; name and words come from the code', () => {
  const result = abstracted('// Area of a rectangle.\nfunction rectangleArea(w, h) { return w * h }\nfinal_answer(rectangleArea(4, 7))', [4, 7])
  expect(result).toMatchObject({ tool: { name: 'rectangle_area', description: 'Area of a rectangle.', parameters: [{ name: 'first', type: 'number', slots: [0] }, { name: 'second', type: 'number', slots: [1] }] } })
  expect(applied('const first = 4, second = 7\nfinal_answer(second - first)', [4, 7], [10, 30])).toBe(20)
})

test('what has not the numbers of its task in it is refused', () => {
  expect(abstracted('final_answer("(8-4)*(7-1)")', [8, 4, 7, 1])).toEqual({ reason: "the task's numbers are no constants of the code" })
  expect(abstracted('final_answer(1)', [])).toEqual({ reason: 'the task has no numbers of its own' })
})

test('an error of the code stays one', () => {
  expect(() => applied('const list = [4, 7]; null.x; final_answer(list)', [4, 7], [1, 2])).toThrow(/null/)
})

test('arguments are taken from a question by their places, and not from one with other numbers', () => {
  const parameters = [{ name: 'numbers', type: 'number[]' as const, description: '', slots: [2, 0, 1] }]
  expect(argumentsOf(parameters, 'Make 24 from 1, 2 and 3.', [24])).toEqual([[3, 1, 2]])
  expect(argumentsOf(parameters, 'Make 24 from 1 and 2.', [24])).toBeNull()
})

/** R right, W wrong, - nothing, x failed; of what value. */
function candidate(name: string, results: string, given: { value?: string; times?: number; body?: string } = {}): Candidate {
  const { value = '1+2', times = 1, body = 'return null' } = given
  const RESULTS: Readonly<Record<string, Trial['result']>> = { R: 'right', W: 'wrong', '-': 'nothing', x: 'failed' }
  const probes = [...results].map((letter): Trial => ({ result: RESULTS[letter]!, value: 'RW'.includes(letter) ? value : null, milliseconds: 1 }))
  const parameters = [{ name: 'numbers', type: 'number[]' as const, description: '', slots: [0] }]
  return { tool: { task: name, name, description: name, parameters, code: `function ${name}(numbers) { ${body} }`, shape: name }, tasks: Array.from({ length: times }, () => name), probes }
}

test('functions that take and give the same kinds are one cluster', () => {
  const clusters = clustersOf([candidate('a', 'RR-'), candidate('b', 'RWx', { value: '3*(4-1)' }), candidate('c', 'WW', { value: '12' }), candidate('d', 'W', { value: 'true' }), candidate('e', 'xx')])
  expect(clusters.map(({ kind, candidates }) => [kind, candidates.map(({ tool }) => tool.name).join('')])).toEqual([
    ['number[] -> expression', 'ab'], ['number[] -> number', 'c'], ['number[] -> truth', 'd'], ['number[] -> nothing', 'e'],
  ])
})

test('the best comes first, others where those before give nothing; one that is wrong there closes the way', () => {
  const names = (...candidates: Candidate[]) => consolidate({ kind: '', candidates })?.members.map(({ tool }) => tool.name) ?? null
  expect(names(candidate('few', '--RR'), candidate('most', 'RRR-'))).toEqual(['most', 'few'])
  expect(names(candidate('rare', 'RRRR'), candidate('common', 'RRRR', { times: 3 }))).toEqual(['common'])
  expect(names(candidate('liar', 'RRRW'), candidate('last', '---R'))).toEqual(['liar'])
  expect(names(candidate('none', '--xW'))).toBeNull()
})

test('one tool of several asks them in order, past those that throw', () => {
  const tool = consolidate({ kind: '', candidates: [
    candidate('pairs', 'RRR-', { body: 'if (numbers.length === 2) return "two"; throw new Error("no")' }),
    candidate('empty', '--R-R', { body: 'return numbers.length === 3 ? "three" : null' }),
  ] })!
  expect([[1, 2], [1, 2, 3], [1]].map((numbers) => runInNewContext(`${tool.code}\n;${tool.name}(${JSON.stringify(numbers)})`) as unknown)).toEqual(['two', 'three', null])
})

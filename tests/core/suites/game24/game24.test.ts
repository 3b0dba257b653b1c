// Game of 24: hands, scorer, expert.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { drawProblems } from '../../../../src/core/suites/index.ts'
import { game24, problemOf } from '../../../../src/core/suites/game24/index.ts'
import { handAt, solvableHands, splitOf } from '../../../../src/core/suites/game24/pool.ts'
import { leafOf, solutions, treeText } from '../../../../src/core/suites/game24/solve.ts'
import type { AgentEvent } from '../../../../src/shared/records/episode.ts'
import { expertRun, problemsOf } from '../../../support/expertRun.ts'

const key = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join(' ')

test('of the 1820 hands of four cards 1362 make 24, and no hand is in both splits', () => {
  const { train, 'held-out': heldOut } = solvableHands()
  expect(train.length + heldOut.length).toBe(1362)
  expect(heldOut.length).toBeGreaterThan(300)
  const seen = new Set(train.map(key))
  expect(heldOut.filter((hand) => seen.has(key(hand)))).toEqual([])
})

test('tasks of a seed bring every hand of their split once, and behind the last there is none', () => {
  const { 'held-out': all } = solvableHands()
  const drawn = all.map((_, index) => key(handAt({ split: 'held-out', seed: 3, index }).numbers))
  expect(new Set(drawn)).toEqual(new Set(all.map(key)))
  expect(() => handAt({ split: 'held-out', seed: 3, index: all.length })).toThrow(expect.objectContaining({ code: 'no-such-task', found: `number ${all.length}`, expected: `0 to ${all.length - 1}` }) as Error)
  const near = { split: 'held-out', seed: 3, count: 5 } as const
  expect([...drawProblems(game24, { ...near, from: all.length - 2 })].map(({ task }) => task.index)).toEqual([all.length - 2, all.length - 1])
  expect(drawn.slice(0, 20)).not.toEqual(all.slice(0, 20).map((_, index) => key(handAt({ split: 'held-out', seed: 4, index }).numbers)))
})

test('out of domain: a number beyond 13, or another target, and solvable all the same', () => {
  for (let index = 0; index < 60; index++) {
    const { family, numbers, target } = handAt({ split: 'ood', seed: 0, index })
    if (family === 'larger-numbers') expect([Math.max(...numbers) > 13, target]).toEqual([true, 24])
    else expect([Math.max(...numbers) <= 13, target !== 24, splitOf(numbers)]).toEqual([true, true, 'held-out'])
    expect(solutions(numbers.map(leafOf), target).next().done).toBe(false)
  }
})

test('every solution that is found is one: exact, by the calculator', () => {
  let found = 0
  for (const tree of solutions([3, 3, 8, 8].map(leafOf), 24)) {
    expect(problemOf(treeText(tree), { numbers: [3, 3, 8, 8], target: 24 })).toBeNull()
    found += 1
  }
  expect(found).toBeGreaterThan(0)
  expect([...solutions([1, 1, 1, 1].map(leafOf), 24)]).toEqual([])
})

test.each([
  ['8/(3-8/3)', null],
  ['8 / (3 - 8 / 3) = 24', null],
  ['8÷(3−8÷3)', null],
  ['$8/(3-8/3)$', null],
  ['\\(8 \\div (3 - 8 \\div 3)\\)', null],
  ['$$\\frac{8}{3-\\frac{8}{3}} = 24$$', null],
  ['**8/(3-8/3)**', null],
  ['\\boxed{8/(3-8/3)}', null],
  ['8 x 3', /uses 3 8, not 3 3 8 8/],
  ['(8 x 3) x (8 - 3)', /does not make 24/],
  ['3 \\times 8 * 8 \\cdot 3', /does not make 24/],
  ['8*3', /uses 3 8, not 3 3 8 8/],
  ['3*8*(8-3-4)', /uses/],
  ['(3+3)*8/8', /does not make 24/],
  ['24', /uses 24/],
  ['33-8-8', /uses 8 8 33/],
  ['8/(3-8/3', /cannot be computed/],
  ['3**3+8-8', /is no expression/],
  ['', /is no expression/],
  ['eight times three', /is no expression/],
])('the answer %s', (answer, problem) => {
  const found = problemOf(answer, { numbers: [3, 8, 3, 8], target: 24 })
  if (problem === null) expect(found).toBeNull()
  else expect(found).toMatch(problem)
})

const texts = (events: readonly AgentEvent[]): string[] => events.flatMap((event) => (event.type === 'agent' ? [event.turn.text] : []))

test.each(['train', 'held-out', 'ood'] as const)('%s: the expert solves them, also after wrong tries, also one combination at a time', async (split) => {
  for (const problem of problemsOf(game24, split, 10)) {
    for (const settings of [{ recovery: 0 }, { recovery: 1 }, { recovery: 1, stepwise: 1 }, { recovery: 0, stepwise: 1, restate: 0 }]) {
      const { episode, events } = await expertRun({ suite: game24, problem, settings })
      expect(episode.outcome, texts(events).join('\n')).toMatchObject({ success: true })
    }
  }
})

test('a wrong try uses the four numbers, misses the target, is marked and answered with words', () => {
  for (const problem of problemsOf(game24, 'train', 15)) {
    const expert = problem.expert!(2, { recovery: 1, stepwise: 0 })
    const tried = expert.next([])
    if (!('calls' in tried)) throw new Error('no call')
    expect(tried.mistake).toBe(true)
    const { expression } = JSON.parse(tried.calls[0]!.arguments) as { expression: string }
    expect(problem.scoreAnswer!(expression)).toBe(false)
    expect(key((expression.match(/\d+/g) ?? []).map(Number))).toBe(key((problem.task.question.match(/\d+/g) ?? []).map(Number).filter((_, __, all) => all.length >= 4)).split(' ').filter((number, at, all) => number !== '24' || all.indexOf('24') !== at).join(' '))
    const value = evaluate(expression)
    if ('problem' in value) throw new Error(value.problem)
    const next = expert.next([{ text: '', calls: [{ name: 'calc', argument: expression }], observations: [String(value.n / value.d)] }])
    expect('calls' in next && next.calls[0]!.arguments).not.toContain(`"${expression}"`)
    expect(next.thought).toMatch(/not|No,|misses/)
  }
})

test('a worked solution ends with an answer that counts', () => {
  for (const problem of problemsOf(game24, 'ood', 10)) {
    const [, answer] = /\nAnswer: (.+)$/.exec(problem.rationale!(1)) ?? []
    expect(problem.scoreAnswer!(answer ?? '')).toBe(true)
    expect(problem.scoreAnswer!(problem.task.answer!)).toBe(true)
  }
})

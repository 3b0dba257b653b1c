// Terse thoughts: read back by somebody who sees nothing but their words, they come to what the expression comes to.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { suiteNamed } from '../../../../src/core/suites/index.ts'

/** A sum of signed terms: `all` makes one term of it, what is said without it is done with the last one. */
function worth(words: string): number {
  const [before, after] = words.split(/, what follows (?=to)/, 2) as [string, string | undefined]
  let terms: number[] = []
  const total = (): number => terms.reduce((sum, one) => sum + one, 0)
  const act = (done: string, value: number): void => {
    if (done.includes(' all ')) terms = [total()]
    const last = terms.pop() ?? 0
    if (done === 'first') terms = [value]
    else if (done === 'to add') terms.push(last, value)
    else if (done === 'to subtract') terms.push(last, -value)
    else if (done.startsWith('to multiply')) terms.push(last * value)
    else if (done.startsWith('to divide')) terms.push(last / value)
    else throw new Error(`unknown words: ${done}`)
  }
  for (const phrase of before.split(', ')) {
    const [, number, done] = /^(\d+) (.*)$/.exec(phrase)!
    act(done!, Number(number))
  }
  if (after !== undefined) {
    const [, done, rest] = /^(.*?): (.*)$/.exec(after)!
    act(done!, worth(rest!))
  }
  return total()
}

test('600 problems, all at once and step by step, and those that are misread', () => {
  const suite = suiteNamed('arith')
  const seen = { brackets: 0, misread: 0 }
  for (let index = 0; index < 300; index++) {
    for (const settings of [{ stepwise: 0, recovery: 0 }, { stepwise: 1, recovery: 0 }, { stepwise: 0, recovery: 1 }]) {
      const { task, expert } = suite.problem({ split: 'train', seed: 5, index })
      const [move, right] = [settings, { ...settings, recovery: 0 }].map((options) => expert!(1, { restate: 0, ...options }).next([]))
      if (!move || !('calls' in move)) throw new Error('no call')
      // Brackets left out, or a call cut short: its thought is the right one.
      if (move.mistake && move.thought === right!.thought) continue
      const { expression } = JSON.parse(move.calls[0]!.arguments) as { expression: string }
      if (/[(=]/.test(expression)) seen.brackets += 1
      if (move.mistake) seen.misread += 1
      const value = evaluate(expression)
      if ('problem' in value) throw new Error(value.problem)
      expect(worth(move.thought.replace(/\.$/, '')), `${task.question}\n${expression}\n${move.thought}`).toBeCloseTo(Number(value.n) / Number(value.d), 6)
    }
  }
  expect(seen.brackets).toBeGreaterThan(20)
  expect(seen.misread).toBeGreaterThan(100)
})

// Terse thoughts: read back by somebody who sees nothing but their words, they come to what the expression comes to.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { suiteNamed } from '../../../../src/core/suites/index.ts'

/** A sum of signed terms; what is multiplied or divided is the last of them. */
function worth(words: string): number {
  const terms: number[] = []
  for (const phrase of words.split(', ')) {
    const [, digits, done] = /^(\d+) (.*)$/.exec(phrase)!
    const number = Number(digits)
    if (done === 'first' || done === 'to add') terms.push(number)
    else if (done === 'to subtract') terms.push(-number)
    else if (done === 'to multiply by') terms.push(terms.pop()! * number)
    else if (done === 'to divide by') terms.push(terms.pop()! / number)
    else throw new Error(`unknown words: ${done}`)
  }
  return terms.reduce((sum, one) => sum + one, 0)
}

test('600 problems, all at once and step by step, read rightly and wrongly', () => {
  const suite = suiteNamed('arith')
  let slips = 0
  for (let index = 0; index < 300; index++) {
    for (const settings of [{ stepwise: 0, recovery: 0 }, { stepwise: 1, recovery: 0 }, { stepwise: 0, recovery: 1 }]) {
      const { task, expert } = suite.problem({ split: 'train', seed: 5, index })
      const move = expert!(1, { restate: 0, ...settings }).next([])
      if (!('calls' in move)) throw new Error('no call')
      const { expression } = JSON.parse(move.calls[0]!.arguments) as { expression: string }
      expect(expression).not.toContain('(')
      if (move.mistake) slips += 1
      const comesTo = evaluate(expression)
      // A call that is cut short is not what the thought says.
      if ('problem' in comesTo && move.mistake) continue
      if ('problem' in comesTo) throw new Error(comesTo.problem)
      expect(worth(move.thought.replace(/\.$/, '')), `${task.question}\n${expression}\n${move.thought}`).toBeCloseTo(Number(comesTo.n) / Number(comesTo.d), 6)
    }
  }
  expect(slips).toBeGreaterThan(150)
})

// The teacher's entropy: by hand, and over the tokens of a trajectory.
import { expect, test } from 'vitest'
import { entropyOf, meanTeacherEntropy } from '../../../src/core/pipeline/curriculum/index.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'

const row = (...probabilities: number[]) => ({ ids: probabilities.map((_, id) => id), logProbs: probabilities.map(Math.log) })

test('of a head and its tail as one outcome', () => {
  // 1/2 ln 2 + 1/4 ln 4 + 1/4 ln 4 for the tail.
  expect(entropyOf(row(0.5, 0.25))).toBeCloseTo(1.5 * Math.log(2), 12)
  expect(entropyOf(row(0.25, 0.25, 0.25, 0.25))).toBeCloseTo(Math.log(4), 12)
  expect(entropyOf(row(1))).toBe(0)
})

test("mean over the agent's tokens that have a row, each once", () => {
  const example = (id: string, own: number): MaskedExample => ({
    id, trajectoryId: 't', own, straddling: 0, ids: [1, 2, 3, 4, 5], kinds: ['context', 'reason', 'observe', 'act', 'end'],
    parts: Array.from({ length: 5 }, () => 'none'), steps: [-1, 0, 0, 0, 0], ce: [0, 1, 0, 1, 1], kl: [0, 0, 0, 0, 0],
  })
  const asked: string[] = []
  const teacher = {
    row: (id: string, token: number) => {
      asked.push(`${id}${token}`)
      return token === 4 ? null : token === 1 ? row(0.5, 0.5) : row(1)
    },
  }
  expect(meanTeacherEntropy([example('a', 0), example('b', 3)], teacher)).toBeCloseTo(Math.log(2) / 3, 12)
  expect(asked).toEqual(['a1', 'a3', 'a4', 'b3', 'b4'])
  expect(meanTeacherEntropy([example('a', 5)], teacher)).toBeNull()
})

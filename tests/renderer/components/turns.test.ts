// Turns of an episode: where keys go from one to the next.
import { expect, test } from 'vitest'
import { turnBeside } from '../../../src/renderer/components/turns.ts'

test('from turn to turn, or from step to step, and no further than the ends', () => {
  const turns = (['system', 'user', 'agent', 'environment', 'agent'] as const).map((role) => ({ role }))
  const ways = [{ by: 1, agents: false }, { by: -1, agents: false }, { by: 1, agents: true }, { by: -1, agents: true }] as const
  expect(ways.map((way) => [-1, 0, 2, 4].map((at) => turnBeside(turns, at, way)))).toEqual([[0, 1, 3, 4], [-1, 0, 1, 3], [2, 2, 4, 4], [-1, 0, 2, 2]])
})

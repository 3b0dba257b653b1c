// Shortening: the task stays, the earliest steps go, spans and labels stay with their turns.
import { expect, test } from 'vitest'
import { stepCount, withoutSteps } from '../../../src/core/pipeline/training/index.ts'
import type { Trajectory, Turn } from '../../../src/shared/records/trajectory.ts'

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, calls: [], executed: [] })
const trajectory: Trajectory = {
  id: '0123456789abcdef',
  taskId: 'task',
  source: { format: 'test', file: 'test', index: 0 },
  tools: [],
  turns: [turn('system', 's'), turn('user', 'q'), turn('agent', 'a0'), turn('environment', 'e0'), turn('agent', 'a1'), turn('environment', 'e1'), turn('agent', 'a2')],
  outcome: null,
  contentHash: '0'.repeat(64),
}
const spans = trajectory.turns.map((_, index) => [{ start: 0, end: index, kind: 'reason' as const, rule: `turn ${index}` }])

test('the head stays, the first steps go, and a label follows its turn', () => {
  const stretch = { trajectory, spans, labels: new Map([[4, 'mistake' as const], [2, 'good' as const]]) }
  const shorter = [0, 1, 2].map((dropped) => withoutSteps(stretch, dropped))
  expect(shorter.map(({ trajectory: { turns } }) => turns.map(({ text }) => text).join(' '))).toEqual(['s q a0 e0 a1 e1 a2', 's q a1 e1 a2', 's q a2'])
  expect(shorter[0]).toEqual(stretch)
  expect(shorter[1]?.spans.map(([span]) => span?.rule)).toEqual(['turn 0', 'turn 1', 'turn 4', 'turn 5', 'turn 6'])
  expect([...(shorter[1]?.labels ?? [])]).toEqual([[2, 'mistake']])
  expect([...(shorter[2]?.labels ?? [])]).toEqual([])
})

test('steps are agent turns', () => {
  expect(stepCount(trajectory)).toBe(3)
  expect(stepCount({ ...trajectory, turns: trajectory.turns.slice(0, 2) })).toBe(0)
})

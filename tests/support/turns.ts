// Turns and trajectories for tests, in one line each.
import type { Trajectory, Turn } from '../../src/shared/records/trajectory.ts'

const turn =
  (role: Turn['role']) =>
  (text: string, extra: Partial<Turn> = {}): Turn => ({ role, text, calls: [], executed: [], ...extra })

export const system = turn('system')
export const user = turn('user')
export const agent = turn('agent')
export const environment = turn('environment')

export const trajectoryOf = (turns: Turn[], extra: Partial<Trajectory> = {}): Trajectory => ({
  id: '0123456789abcdef',
  taskId: '0'.repeat(64),
  source: { format: 'test', file: 'test.jsonl', index: 0 },
  tools: [],
  turns,
  outcome: null,
  contentHash: '0123456789abcdef'.repeat(4),
  ...extra,
})

// When a batch is given up: its teacher does task after task, and nothing of it can be kept.
import type { Rollout } from '../../shared/records/rollout.ts'
import type { BatchEnd } from './batch.ts'

/**
 * Episodes without one that is kept, after which no other is begun: of all in a batch that has kept none yet (gone on with, it makes as
 * many more), or of those that follow each other. One that its teacher failed at is not among them.
 */
export type GiveUp = { readonly after: number; readonly of: 'all' | 'row' }

/** Counts episodes, after those that are `done`; the end of the batch when too many are in vain. */
export function createVain({ after, of }: GiveUp, done: readonly Rollout[]): (rollout: Rollout) => BatchEnd | null {
  let count = 0
  const add = ({ rejected }: Rollout): void => {
    if (rejected === null) count = of === 'all' ? -Infinity : 0
    else if (rejected !== 'model-failed') count += 1
  }
  for (const rollout of done) if (of === 'row' || rollout.rejected === null) add(rollout)
  return (rollout) => {
    add(rollout)
    if (count < after) return null
    return { state: 'in-vain', reason: `nothing was kept of ${count} episodes${of === 'row' ? ' in a row' : ''}, the last: ${[rollout.rejected, rollout.detail].filter(Boolean).join(', ')}` }
  }
}

// When a batch is given up: its teacher does task after task, and nothing of it can be kept.
import type { Rollout } from '../../shared/records/rollout.ts'
import type { BatchEnd } from './batch.ts'

/**
 * Episodes without one that is kept, after which no other is begun: of all in a batch that has kept none yet (gone on with, it makes as
 * many more), or in a row by their tasks, whichever ended first (gone on with, it makes none). One that its teacher failed at is not
 * among them.
 */
export type GiveUp = { readonly after: number; readonly of: 'all' | 'row' }

/** What watches over a batch. It is told of the batch's places in their order; both may say the end of the batch. */
export type Vain = {
  /** An episode that an earlier start has made stands here. */
  made(rollout: Rollout): BatchEnd | null
  /** One begins here; what is handed back is told how it ended. */
  begun(): (rollout: Rollout) => BatchEnd | null
}

export const NEVER: Vain = { made: () => null, begun: () => () => null }

/** `done`: all episodes of earlier starts. */
export const createVain = ({ after, of }: GiveUp, done: readonly Rollout[]): Vain => (of === 'all' ? ofAll(after, done) : inRow(after))

function ofAll(after: number, done: readonly Rollout[]): Vain {
  let kept = done.some(({ rejected }) => rejected === null)
  let count = 0
  return {
    made: () => null,
    begun: () => (rollout) => {
      if (rollout.rejected === null) kept = true
      else if (rollout.rejected !== 'model-failed') count += 1
      return kept || count < after ? null : endOf(rollout, `${count} episodes`)
    },
  }
}

/** Rows are of places that stand side by side: while one between them is under way, nobody knows whether it breaks them. */
function inRow(after: number): Vain {
  const places: ('under-way' | 'kept' | 'vain' | 'failed')[] = []
  const put = (place: number, rollout: Rollout): BatchEnd | null => {
    const { rejected } = rollout
    places[place] = rejected === null ? 'kept' : rejected === 'model-failed' ? 'failed' : 'vain'
    const belongs = (at: number): boolean => places[at] === 'vain' || places[at] === 'failed'
    if (!belongs(place)) return null
    let [first, last] = [place, place]
    while (belongs(first - 1)) first -= 1
    while (belongs(last + 1)) last += 1
    const count = places.slice(first, last + 1).filter((state) => state === 'vain').length
    return count < after ? null : endOf(rollout, `${count} episodes in a row`)
  }
  const next = (): number => places.push('under-way') - 1
  return {
    made: (rollout) => put(next(), rollout),
    begun: () => {
      const place = next()
      return (rollout) => put(place, rollout)
    },
  }
}

const endOf = ({ rejected, detail }: Rollout, of: string): BatchEnd =>
  ({ state: 'in-vain', reason: `nothing was kept of ${of}, the last: ${[rejected, detail].filter(Boolean).join(', ')}` })

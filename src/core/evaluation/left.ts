// How long a ladder still takes, by what its rungs have taken.
import type { Ladder, Rung } from '../../shared/records/ladder.ts'
import { mean } from './statistics.ts'

/**
 * Seconds, of a ladder that is being climbed; null: of no rung is known what it took. A rung takes what it took with other seeds, else
 * what rungs took that are trained, or not, like it. One that failed is passed over: it waits again when the ladder is gone on with.
 */
export function secondsLeft({ spec, rungs }: Pick<Ladder, 'spec' | 'rungs'>): number | null {
  // Older ladders do not know what a rung took.
  const done = rungs.filter(({ state, seconds }) => state === 'done' && seconds > 0)
  if (done.length === 0) return null
  const trains = new Set(spec.arms.filter(({ train }) => train !== null).map(({ name }) => name))
  const like = (of: Rung): readonly Rung[] => {
    const same = done.filter(({ arm }) => arm === of.arm)
    const near = same.length > 0 ? same : done.filter(({ arm }) => trains.has(arm) === trains.has(of.arm))
    return near.length > 0 ? near : done
  }
  return rungs
    .filter(({ state }) => state !== 'done' && state !== 'not-applicable' && state !== 'failed')
    .reduce((sum, rung) => sum + Math.max(0, mean(like(rung).map(({ seconds }) => seconds)) - rung.seconds), 0)
}

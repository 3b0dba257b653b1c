// Shortens a trajectory that exceeds the context: its beginning (the task) stays, its earliest steps go.
import type { StepLabel } from '../../../shared/records/correction.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'

export type Stretch = {
  readonly trajectory: Trajectory
  /** One list a turn. */
  readonly spans: readonly (readonly Span[])[]
  /** By turn. */
  readonly labels: ReadonlyMap<number, StepLabel>
}

/**
 * The same trajectory without its first steps: an agent turn and what follows it up to the next one is a step. Yields
 * ever shorter ones, the last with one step; nothing when there is only one.
 */
export function* withFewerSteps({ trajectory, spans, labels }: Stretch): Generator<Stretch & { readonly dropped: number }> {
  const starts = trajectory.turns.flatMap((turn, index) => (turn.role === 'agent' ? [index] : []))
  const head = starts[0] ?? 0
  for (let dropped = 1; dropped < starts.length; dropped++) {
    const from = starts[dropped] as number
    const kept = trajectory.turns.flatMap((_, index) => (index < head || index >= from ? [index] : []))
    const moved = new Map(kept.map((old, now) => [old, now]))
    yield {
      dropped,
      trajectory: { ...trajectory, turns: kept.map((index) => trajectory.turns[index] as Trajectory['turns'][number]) },
      spans: kept.map((index) => spans[index] ?? []),
      labels: new Map([...labels].flatMap(([turn, label]) => (moved.has(turn) ? [[moved.get(turn) as number, label]] : []))),
    }
  }
}

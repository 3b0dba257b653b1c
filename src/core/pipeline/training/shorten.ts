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

/** Turns at which a step begins: an agent turn and what follows it up to the next one is a step. */
const stepStarts = ({ turns }: Trajectory): number[] => turns.flatMap((turn, index) => (turn.role === 'agent' ? [index] : []))

export const stepCount = (trajectory: Trajectory): number => stepStarts(trajectory).length

/** The same trajectory without its first `dropped` steps, of which at least one must be left; what stands before them stays. */
export function withoutSteps({ trajectory, spans, labels }: Stretch, dropped: number): Stretch {
  const starts = stepStarts(trajectory)
  const head = starts[0] ?? 0
  const from = starts[dropped] ?? head
  const kept = trajectory.turns.flatMap((_, index) => (index < head || index >= from ? [index] : []))
  const moved = new Map(kept.map((old, now) => [old, now]))
  return {
    trajectory: { ...trajectory, turns: kept.map((index) => trajectory.turns[index] as Trajectory['turns'][number]) },
    spans: kept.map((index) => spans[index] ?? []),
    labels: new Map([...labels].flatMap(([turn, label]) => (moved.has(turn) ? [[moved.get(turn) as number, label]] : []))),
  }
}

// Learning rate schedules: a factor for each step, 0-based.
import type { TrainSettings } from '../../shared/records/run.ts'

export type Schedule = { readonly shape: TrainSettings['schedule']; readonly warmupSteps: number; readonly steps: number }

/**
 * The factor of step `step`: (step + 1) / (warmup + 1) while warming up, so that no step is spent at 0; then constant,
 * or falling to 0 just after the last step, linearly or by half a cosine.
 */
export function scheduleFactor(step: number, { shape, warmupSteps, steps }: Schedule): number {
  if (step < warmupSteps) return (step + 1) / (warmupSteps + 1)
  const progress = (step - warmupSteps) / Math.max(1, steps - warmupSteps)
  switch (shape) {
    case 'constant':
      return 1
    case 'linear':
      return 1 - progress
    case 'cosine':
      return (1 + Math.cos(Math.PI * progress)) / 2
  }
}

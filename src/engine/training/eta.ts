// The time to the end of a run, from what its steps, evaluations and checkpoints have taken so far.
import type { MetricsLine } from '../../shared/contract/metrics.ts'
import type { EvaluationLoad } from './heldoutCurve.ts'

/** Steps that say how fast the machine is now. */
const RECENT = 20

export type Eta = {
  stepDone(line: MetricsLine): void
  /** A checkpoint has taken this long. */
  saved(seconds: number): void
  /** From the last step that was done; null before any. */
  seconds(): number | null
}

/** `tokensOf`: tokens of a step of the plan, which has `steps`, by its index. Time goes by tokens: steps differ. */
export function createEta(plan: {
  readonly tokensOf: (step: number) => number
  readonly steps: number
  readonly checkpointEvery: number
  readonly evaluations: EvaluationLoad
}): Eta {
  const { steps, evaluations, checkpointEvery } = plan
  const recent: MetricsLine[] = []
  let saves = { seconds: 0, count: 0 }
  // Tokens of the steps from each on.
  const left = new Float64Array(steps + 1)
  for (let step = steps - 1; step >= 0; step--) left[step] = (left[step + 1] as number) + plan.tokensOf(step)
  return {
    stepDone(line) {
      recent.push(line)
      if (recent.length > RECENT) recent.shift()
    },
    saved: (seconds) => void (saves = { seconds: saves.seconds + seconds, count: saves.count + 1 }),
    seconds() {
      const last = recent.at(-1)
      if (!last) return null
      const rate = sum(recent, (line) => line.seconds) / sum(recent, (line) => line.tokens)
      const score = evaluations.secondsPerToken() ?? 0
      const scored = evaluations.during(last.step) * evaluations.duringTokens + evaluations.afterTokens
      const checkpoints = Math.floor(steps / checkpointEvery) - Math.floor(last.step / checkpointEvery) + 1
      const save = saves.count === 0 ? 0 : saves.seconds / saves.count
      return rate * (left[last.step] ?? 0) + score * scored + save * checkpoints
    },
  }
}

const sum = (lines: readonly MetricsLine[], of: (line: MetricsLine) => number): number =>
  lines.reduce((total, line) => total + of(line), 0)

// The time to the end of a run, from what its steps, evaluations, samples and checkpoints have taken so far.
import type { MetricsLine } from '../../shared/contract/metrics.ts'
import type { EvaluationLoad } from './heldoutCurve.ts'

/** Steps that say how fast the machine is now. */
const RECENT = 20

export type Eta = {
  stepDone(line: Pick<MetricsLine, 'step' | 'seconds'>): void
  /** A checkpoint has taken this long. */
  saved(seconds: number): void
  /** Answers to all prompts have taken this long. */
  sampled(seconds: number): void
  /** A step was waited for so long before it began: for its teacher, 0 where that was there. */
  waited(seconds: number): void
  /** From the last step that was done; null before any. */
  seconds(): number | null
}

export type EtaPlan = {
  /** Time of a step of the plan by its index, in tokens of a plain run (see `tokenCost`): steps and stages differ. */
  readonly costOf: (step: number) => number
  readonly steps: number
  readonly checkpointEvery: number
  /** 0: no samples. */
  readonly samplesEvery: number
  readonly evaluations: EvaluationLoad
  /** Time of a held-out token, in tokens of a plain run: as long as none was measured. */
  readonly scoringCost: number
}

export function createEta(plan: EtaPlan): Eta {
  const { steps, evaluations, checkpointEvery, samplesEvery } = plan
  const costs = Float64Array.from({ length: steps }, (_, step) => plan.costOf(step))
  const recent: Pick<MetricsLine, 'step' | 'seconds'>[] = []
  const saves = createMean()
  const samples = createMean()
  const waits = createMean()
  // Of the steps from each on.
  const left = new Float64Array(steps + 1)
  for (let step = steps - 1; step >= 0; step--) left[step] = (left[step + 1] as number) + (costs[step] as number)
  /** Still to come, of what belongs behind each so many steps. */
  const times = (every: number, done: number): number => (every === 0 ? 0 : Math.floor(steps / every) - Math.floor(done / every))
  return {
    stepDone(line) {
      recent.push(line)
      if (recent.length > RECENT) recent.shift()
    },
    saved: (seconds) => saves.add(seconds),
    sampled: (seconds) => samples.add(seconds),
    waited: (seconds) => waits.add(seconds),
    seconds() {
      const last = recent.at(-1)
      if (!last) return null
      // Seconds for a token of a plain run: measured steps say what the machine does, their costs what others will take.
      const rate = sum(recent, ({ seconds }) => seconds) / sum(recent, ({ step }) => costs[step - 1] ?? 0)
      const score = evaluations.secondsPerToken() ?? rate * plan.scoringCost
      const scored = evaluations.during(last.step) * evaluations.duringTokens + evaluations.afterTokens
      const besides = saves.mean() * (times(checkpointEvery, last.step) + 1) + samples.mean() * times(samplesEvery, last.step) + waits.mean() * (steps - last.step)
      return rate * (left[last.step] ?? 0) + score * scored + besides
    },
  }
}

/** 0 before any. */
function createMean(): { add(value: number): void; mean(): number } {
  let [total, count] = [0, 0]
  return {
    add: (value) => void ([total, count] = [total + value, count + 1]),
    mean: () => (count === 0 ? 0 : total / count),
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => items.reduce((total, item) => total + of(item), 0)

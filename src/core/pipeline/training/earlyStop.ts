// Early stopping: which point of the held-out curve is the best, and whether the run may end for want of a better one.
import type { Heldout, HeldoutPoint } from '../../../shared/contract/metrics.ts'
import type { TrainSettings } from '../../../shared/records/run.ts'

/** A point of the held-out curve, `value` in the measure's unit: nats a token, or the share of ACT tokens put first. */
export type BestPoint = { readonly step: number; readonly on: 'loss' | 'act'; readonly value: number }

type Rule = Pick<TrainSettings, 'earlyStop' | 'patience' | 'minGain'>

type Measure = { readonly of: (result: Heldout) => number | null; /** By how much the first is better. */ readonly gain: (value: number, than: number) => number }

const MEASURES: Readonly<Record<BestPoint['on'], Measure>> = {
  loss: { of: ({ agent }) => agent.nll, gain: (value, than) => than - value },
  act: { of: ({ byKind }) => byKind.act?.accuracy ?? null, gain: (value, than) => value - than },
}

/** What a run is judged by: the held-out loss where it is never ended early. */
const measureOf = ({ earlyStop }: Pick<Rule, 'earlyStop'>): BestPoint['on'] => (earlyStop === 'off' ? 'loss' : earlyStop)

const LEAST: Readonly<Record<BestPoint['on'], (value: number) => string>> = {
  loss: (value) => `a held-out loss of ${value.toFixed(4)} nats a token`,
  act: (value) => `${(100 * value).toFixed(2)} % of the held-out ACT tokens put first`,
}

/**
 * The standing after the points of a curve, in order of their steps; the student before training is no candidate. `best` is
 * the best value of all; `mark` is what has to be beaten by more than `minGain`, and `without` how many points did not since.
 */
function follow(points: readonly HeldoutPoint[], rule: Rule): { best: BestPoint | null; mark: BestPoint | null; without: number } {
  const on = measureOf(rule)
  const { of, gain } = MEASURES[on]
  let best: BestPoint | null = null
  let mark: BestPoint | null = null
  let without = 0
  for (const { step, result } of points) {
    const value = step === 0 ? null : of(result)
    if (value === null) continue
    const point: BestPoint = { step, on, value }
    if (!best || gain(value, best.value) > 0) best = point
    if (!mark || gain(value, mark.value) > rule.minGain) [mark, without] = [point, 0]
    else without += 1
  }
  return { best, mark, without }
}

/** The best point so far, the first of equals, or null without any behind a step. */
export const bestPoint = (points: readonly HeldoutPoint[], rule: Rule): BestPoint | null => follow(points, rule).best

/** That no point behind a step is better than the student before training, with both values; null where one is, or where nothing tells. */
export function withoutGain(points: readonly HeldoutPoint[], rule: Rule): string | null {
  const { best } = follow(points, rule)
  const { of, gain } = MEASURES[measureOf(rule)]
  const start = points.find(({ step }) => step === 0)
  const before = start ? of(start.result) : null
  if (best === null || before === null || gain(best.value, before) > 0) return null
  return `no step beat the untrained student: it has ${LEAST[best.on](before)}, the nearest, step ${best.step}, ${LEAST[best.on](best.value)}`
}

/** Why the run ends after these points, or null when it goes on. */
export function earlyStop(points: readonly HeldoutPoint[], rule: Rule): string | null {
  if (rule.earlyStop === 'off') return null
  const { mark, without } = follow(points, rule)
  return mark === null || without < rule.patience
    ? null
    : `${without} evaluations in a row brought no gain${rule.minGain > 0 ? ` of more than ${rule.minGain}` : ''} over ${LEAST[mark.on](mark.value)} after step ${mark.step}`
}

// What a run's settings cost in time: one model for the simulation of plans, the preview of runs and the time to their end.
import type { TrainSettings } from './records/run.ts'

/** Settings that change what a token takes. */
export type CostSettings = Pick<TrainSettings, 'recompute' | 'base' | 'projectGradients' | 'stayClose' | 'teacher'>

/**
 * Time of a token that runs through the training graph, relative to one of a plain adapter run, from figures of several benches
 * (docs/log.md, what a run costs). Projected gradients run each pass twice, with what of it each half trains.
 */
const FACTORS = { recompute: 1.35, quantised: 1.25, both: 1.5, term: 1.03, projected: 1.75 } as const

/** A forward pass with the losses of its rows, and one with the base's distributions. */
const FORWARD = { scored: 1 / 3, base: 1 / 3 } as const

/** Relative time of a token in training, 1 for a plain run. 'auto' weights count as float32. */
export function tokenCost({ recompute, base, projectGradients, stayClose, teacher }: CostSettings): number {
  const quantised = base === 'quantised'
  const graph = recompute && quantised ? FACTORS.both : recompute ? FACTORS.recompute : quantised ? FACTORS.quantised : 1
  const terms = FACTORS.term ** ((stayClose > 0 ? 1 : 0) + (teacher === undefined ? 0 : 1))
  return graph * terms * (projectGradients ? FACTORS.projected : 1)
}

/** Of a token that is only scored: it has no backward pass, so nothing to compute again and nothing to project. */
export const scoringCost = ({ base }: Pick<CostSettings, 'base'>): number => FORWARD.scored * (base === 'quantised' ? FACTORS.quantised : 1)

/** Of a token whose distribution under the plain student is taken, before a run that stays close to it. */
export const baseCost = ({ base }: Pick<CostSettings, 'base'>): number => FORWARD.base * (base === 'quantised' ? FACTORS.quantised : 1)

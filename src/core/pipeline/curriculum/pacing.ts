// L_curriculum: competence-based pacing (methods.md 6, ours; the competence function is that of Platanios et al., NAACL 2019).
import type { Pacing } from '../../../shared/records/plan.ts'

/** c(t) = min(1, sqrt(c0^2 + (1 - c0^2) t / T_c)); `t` and `steps` (T_c) in optimiser steps. */
export const competence = (t: number, { c0, steps }: { readonly c0: number; readonly steps: number }): number =>
  Math.min(1, Math.sqrt(c0 * c0 + (1 - c0 * c0) * (t / steps)))

/** The factor of all token weights of a trajectory with rank `rank`: exp(-10 gamma max(0, r - c)). */
export const pacingFactor = (rank: number, { gamma, c }: { readonly gamma: number; readonly c: number }): number =>
  Math.exp(-10 * gamma * Math.max(0, rank - c))

/** T_c of a run of so many steps: what the plan says, else half of them. */
export const pacingSteps = ({ steps }: Pacing, runSteps: number): number => steps ?? Math.max(1, runSteps / 2)

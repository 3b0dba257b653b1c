// What a run will take before it starts: tokens in steps and in held-out measurements, and time at a measured rate.
import type { RunPreview, RunRow } from '../../shared/contract/routes/runs.ts'
import { baseCost, scoringCost, tokenCost } from '../../shared/tokenCost.ts'

export type RunCost = {
  readonly stepTokens: number
  /** All held-out measurements together. */
  readonly heldoutTokens: number
  /** Measurements between the first step and the last, and at most so many tokens in each. */
  readonly during: { readonly times: number; readonly tokens: number }
  /** From another run of this student; null where none was measured. */
  readonly time: { readonly seconds: number; readonly tokensPerSecond: number; readonly run: string } | null
}

/** `rows`: newest first. */
export function costOf({ steps, stepTokens, heldoutTokens, settings }: RunPreview, options: { rows: readonly RunRow[]; student: string }): RunCost {
  const { heldoutEvery: every, heldoutTokens: most } = settings
  const times = every > 0 && heldoutTokens > 0 ? Math.floor(Math.max(0, steps - 1) / every) : 0
  const tokens = most > 0 ? Math.min(most, heldoutTokens) : heldoutTokens
  const scored = 2 * heldoutTokens + times * tokens
  const measured = options.rows.find(({ student, tokensPerSecond }) => student.path === options.student && tokensPerSecond !== null && tokensPerSecond > 0)
  // As fast as that run would have been with these settings.
  const rate = measured?.tokensPerSecond ? (measured.tokensPerSecond * tokenCost(measured.settings)) / tokenCost(settings) : null
  const before = settings.stayClose > 0 ? stepTokens.total * baseCost(settings) / Math.max(1, settings.epochs) : 0
  return {
    stepTokens: stepTokens.total,
    heldoutTokens: scored,
    during: { times, tokens },
    time: measured && rate !== null ? { seconds: (stepTokens.total + (scored * scoringCost(settings) + before) / tokenCost(settings)) / rate, tokensPerSecond: rate, run: measured.id } : null,
  }
}

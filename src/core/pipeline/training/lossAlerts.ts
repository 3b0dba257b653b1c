// Alerts from the losses of a run alone: a loss that jumps, and one that has stopped falling.
import type { MetricsLine } from '../../../shared/contract/metrics.ts'

/** Steps that a new loss is compared with. */
const WINDOW = 20
/** Fewer say nothing about how much losses vary from batch to batch. */
const FEWEST = 10
/** Standard deviations above the mean; and a share of the mean, for losses that hardly vary. */
const DEVIATIONS = 5
const SHARE = 0.5
/** Steps of each of the two stretches that a plateau is told from, and the share of the loss that has to be gained between them. */
const STRETCH = 100
const LEAST_GAIN = 0.005

export type LossAlert = { readonly type: 'spike' | 'plateau'; readonly step: number; readonly text: string }
/** A step that was taken. */
type Taken = { readonly step: number; readonly loss: number; readonly gradNorm: number }

/**
 * Given the lines of a run in order, says what stands out. A spike: a loss more than five standard deviations and half of
 * the mean above the mean of the 20 steps before it, or a gradient norm more than ten times their largest; not again before
 * 20 more steps. A plateau: the mean loss of the last 100 steps is not half a percent below that of the 100 before them; not
 * again before 200 more. Steps that were left out are passed over. The same lines give the same alerts.
 */
export function createLossAlerts(): (line: MetricsLine) => LossAlert[] {
  const taken: Taken[] = []
  let [quietSpikes, quietPlateau] = [0, 0]
  return ({ step, loss, gradNorm }) => {
    if (loss === null || gradNorm === null) return []
    const now = { step, loss, gradNorm }
    const before = taken.slice(-WINDOW)
    const spike = step < quietSpikes || before.length < FEWEST ? null : spikeOf(now, before)
    taken.push(now)
    if (taken.length > 2 * STRETCH) taken.shift()
    const plateau = step < quietPlateau ? null : plateauOf(taken)
    if (spike) quietSpikes = step + WINDOW
    if (plateau) quietPlateau = step + 2 * STRETCH
    return [...(spike ? [{ type: 'spike' as const, step, text: spike }] : []), ...(plateau ? [{ type: 'plateau' as const, step, text: plateau }] : [])]
  }
}

const mean = (of: readonly Taken[]): number => of.reduce((sum, { loss }) => sum + loss, 0) / of.length

function spikeOf({ step, loss, gradNorm }: Taken, before: readonly Taken[]): string | null {
  const middle = mean(before)
  const deviation = Math.sqrt(before.reduce((sum, line) => sum + (line.loss - middle) ** 2, 0) / before.length)
  const limit = middle + Math.max(DEVIATIONS * deviation, SHARE * middle)
  if (loss > limit) {
    return `the loss of step ${step} jumped to ${loss.toFixed(3)}; the ${before.length} steps before it have ${middle.toFixed(3)} on average, ${deviation.toFixed(3)} apart`
  }
  const largest = Math.max(...before.map((line) => line.gradNorm))
  return gradNorm > 10 * largest
    ? `the gradient norm of step ${step} jumped to ${gradNorm.toPrecision(3)}; before it was ${largest.toPrecision(3)} at most`
    : null
}

function plateauOf(taken: readonly Taken[]): string | null {
  if (taken.length < 2 * STRETCH) return null
  const [earlier, later] = [mean(taken.slice(0, STRETCH)), mean(taken.slice(STRETCH))]
  return later > earlier * (1 - LEAST_GAIN)
    ? `the loss no longer falls: ${later.toFixed(4)} on average over the last ${STRETCH} steps, ${earlier.toFixed(4)} over the ${STRETCH} before them`
    : null
}

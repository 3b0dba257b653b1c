// How far two raters agree beyond chance: Cohen's kappa over scores of 1 to 5, plain, weighted, and of keep or reject.
import type { Agreement } from '../../../shared/records/curation.ts'

export type Rated = { readonly hand: number; readonly judge: number }

const SCORES = [1, 2, 3, 4, 5] as const
const SIZE = SCORES.length

/** Rows: the hand's score; columns: the judge's. */
export function confusionOf(rated: readonly Rated[]): number[][] {
  const table = SCORES.map(() => SCORES.map(() => 0))
  for (const { hand, judge } of rated) table[hand - 1]![judge - 1]! += 1
  return table
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * 1 - sum(w o) / sum(w e), o the shares observed, e those expected by chance from both raters' frequencies (Cohen 1960; weights
 * Cohen 1968). `weight`: how bad it is to disagree so; 0 on the diagonal. null: chance alone cannot disagree.
 */
export function kappaOf(table: readonly (readonly number[])[], weight: (row: number, column: number) => number): number | null {
  const total = sum(table.map(sum))
  const [rows, columns] = [table.map(sum), table.map((_, column) => sum(table.map((row) => row[column]!)))]
  let [observed, expected] = [0, 0]
  table.forEach((row, r) =>
    row.forEach((count, c) => {
      observed += weight(r, c) * count
      expected += (weight(r, c) * rows[r]! * columns[c]!) / total
    }),
  )
  return expected === 0 ? null : 1 - observed / expected
}

const different = (row: number, column: number): number => (row === column ? 0 : 1)
const quadratic = (row: number, column: number): number => ((row - column) / (SIZE - 1)) ** 2

/** Kappa of "at least so much", the hand's at `least` and the judge's at `threshold`. */
function binaryKappa(rated: readonly Rated[], { least, threshold }: { least: number; threshold: number }): number | null {
  const table = [[0, 0], [0, 0]]
  for (const { hand, judge } of rated) table[hand >= least ? 1 : 0]![judge >= threshold ? 1 : 0]! += 1
  return kappaOf(table, different)
}

/** Labels by hand from which on a threshold is taken from them: fewer say more about chance. */
export const CALIBRATED_FROM = 10

/** The threshold of the judge that agrees best with "the hand's score is at least `least`"; the nearest to it of equal ones. */
export function calibrated(rated: readonly Rated[], least: number): number {
  if (rated.length < CALIBRATED_FROM) return least
  const scored = SCORES.slice(1).map((threshold) => ({ threshold, kappa: binaryKappa(rated, { least, threshold }) ?? -1 }))
  scored.sort((a, b) => b.kappa - a.kappa || Math.abs(a.threshold - least) - Math.abs(b.threshold - least))
  return scored[0]!.kappa <= 0 ? least : scored[0]!.threshold
}

export function agreementOf(rated: readonly Rated[], { least, threshold }: { least: number; threshold: number }): Agreement {
  const confusion = confusionOf(rated)
  return {
    labelled: rated.length,
    exact: rated.length === 0 ? 0 : rated.filter(({ hand, judge }) => hand === judge).length / rated.length,
    kappa: rated.length === 0 ? null : kappaOf(confusion, different),
    weightedKappa: rated.length === 0 ? null : kappaOf(confusion, quadratic),
    binaryKappa: rated.length === 0 ? null : binaryKappa(rated, { least, threshold }),
    threshold,
    confusion,
  }
}

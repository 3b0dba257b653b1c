// Where ranks of complexity lie on the histogram, and which bin is under a pointer.
import type { ComplexityReport } from '../../shared/contract/planning.ts'

type Report = Pick<ComplexityReport, 'bins' | 'quantiles'>

/** The value at a share of the ranks, 0 to 1. */
export function valueAtRank({ quantiles }: Pick<Report, 'quantiles'>, share: number): number {
  const place = Math.min(1, Math.max(0, share)) * (quantiles.length - 1)
  const [below, above] = [quantiles[Math.floor(place)] ?? 0, quantiles[Math.ceil(place)] ?? 0]
  return below + (above - below) * (place - Math.floor(place))
}

const ends = ({ bins }: Report): { low: number; high: number } => ({ low: bins[0]?.from ?? 0, high: bins.at(-1)?.to ?? 1 })

/** Place of a rank on the axis of values, as a share of its width. Ends of the ranks are ends of the axis. */
export function placeOfRank(report: Report, share: number): number {
  if (share <= 0 || report.quantiles.length === 0) return Math.max(0, Math.min(1, share))
  if (share >= 1) return 1
  const { low, high } = ends(report)
  return high === low ? share : Math.min(1, Math.max(0, (valueAtRank(report, share) - low) / (high - low)))
}

/** The rank whose value lies at a place of the axis, in hundredths: of several the nearest to the middle of them. */
export function rankAtPlace(report: Report, place: number): number {
  if (place <= 0) return 0
  if (place >= 1) return 1
  const distance = (rank: number): number => Math.abs(placeOfRank(report, rank / 100) - place)
  const nearest = Math.min(...Array.from({ length: 101 }, (_, rank) => distance(rank)))
  const ranks = Array.from({ length: 101 }, (_, rank) => rank).filter((rank) => distance(rank) <= nearest + 1e-12)
  return (ranks[Math.floor((ranks.length - 1) / 2)] ?? 0) / 100
}

/** Index of the bin at a place of the axis; null without bins. */
export const binAtPlace = ({ bins }: Pick<Report, 'bins'>, place: number): number | null =>
  bins.length === 0 ? null : Math.min(bins.length - 1, Math.max(0, Math.floor(place * bins.length)))

/** Whole numbers as they are, others with three digits. */
export const complexityText = (value: number): string => (Number.isInteger(value) || Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3))

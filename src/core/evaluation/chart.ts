// A chart of shares with their intervals, as SVG: a row for each, a bar from 0 to 100 %, whiskers for the interval.
import type { Interval } from '../../shared/records/evaluation.ts'

export type ChartRow = {
  readonly label: string
  /** Bars of the row, in the order of the series; null: there is none, `note` says why. */
  readonly bars: readonly (Interval | null)[]
  readonly note?: string
}

export type Chart = { readonly title: string; readonly series: readonly string[]; readonly rows: readonly ChartRow[] }

/** Okabe and Ito's palette, told apart by people who see no red or green. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7'] as const
const [WIDTH, LABELS, VALUES, BAR, GAP, TOP] = [860, 260, 150, 14, 12, 64]

export function sharesChart({ title, series, rows }: Chart): string {
  const room = WIDTH - LABELS - VALUES
  const x = (share: number): number => round(LABELS + share * room)
  const heights = rows.map(({ bars }) => Math.max(1, bars.length) * BAR + GAP)
  const height = TOP + heights.reduce((sum, value) => sum + value, 0) + 28
  let y = TOP
  const drawn = rows.flatMap((row, index) => {
    const lines = rowLines(row, { y, x })
    y += heights[index]!
    return lines
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line x1="${x(share)}" y1="${TOP - 8}" x2="${x(share)}" y2="${y}" stroke="#ccc"/>`,
    `<text x="${x(share)}" y="${y + 16}" text-anchor="middle">${100 * share} %</text>`,
  ])
  const legend = series.map((name, index) => {
    const at = LABELS + index * 150
    return `<rect x="${at}" y="32" width="12" height="12" fill="${COLOURS[index % COLOURS.length]}"/><text x="${at + 18}" y="42">${escaped(name)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#222" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="12" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...legend, ...ticks, ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function rowLines({ label, bars, note }: ChartRow, { y, x }: { y: number; x: (share: number) => number }): string[] {
  const middle = y + (Math.max(1, bars.length) * BAR) / 2
  const name = `<text x="${LABELS - 10}" y="${round(middle + 4)}" text-anchor="end">${escaped(label)}</text>`
  if (bars.every((bar) => bar === null)) return [name, `<text x="${LABELS + 6}" y="${round(middle + 4)}" fill="#777">${escaped(note ?? '')}</text>`]
  return [name, ...bars.flatMap((bar, index) => (bar === null ? [] : barLines(bar, { top: y + index * BAR, x, colour: COLOURS[index % COLOURS.length]! })))]
}

function barLines({ value, low, high }: Interval, { top, x, colour }: { top: number; x: (share: number) => number; colour: string }): string[] {
  const middle = top + BAR / 2 - 1
  return [
    `<rect x="${x(0)}" y="${top}" width="${round(x(value) - x(0))}" height="${BAR - 3}" fill="${colour}"/>`,
    `<path d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 3}v6M${x(high)} ${middle - 3}v6" stroke="#222" fill="none"/>`,
    `<text x="${x(1) + 10}" y="${top + BAR - 4}">${percent(value)} (${percent(low)} to ${percent(high)})</text>`,
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const round = (value: number): number => Math.round(value * 10) / 10
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

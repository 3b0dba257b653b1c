// uPlot set up for one chart of curves over optimiser steps: scales, axes, colours of the theme, cursor, zoom.
import uPlot from 'uplot'
import type { Line } from './chartLines.ts'
import { drawAlerts, drawBands, drawMarks, drawNames, type Behind } from './drawBands.ts'
import type { Clip, Table } from './series.ts'

export type PlotOptions = {
  readonly host: HTMLElement
  readonly width: number
  readonly height: number
  readonly lines: readonly Line[]
  readonly table: Table
  readonly log: boolean
  /** Lines that are not drawn, by id. */
  readonly hidden: ReadonlySet<string>
  /** What the y axis shows; null: all. Asked at each drawing. */
  readonly clip: () => Clip | null
  /** What lies behind the curves. Asked at each drawing. */
  readonly behind: () => Behind
  /** Steps that the x axis shows unless it is zoomed. Asked at each drawing. */
  readonly range: () => { readonly min: number; readonly max: number } | null
  readonly tick: (value: number) => string
  readonly xLabel: string
  readonly yLabel: string
  /** Charts of one group share their cursor. */
  readonly group: string
  /** Row of the table under the cursor; null: it is elsewhere. */
  readonly onCursor: (row: number | null) => void
}

/** No stage, no gate. */
export const NOTHING: Behind = { bands: [], marks: [], alerts: [] }

export type Plot = {
  update(table: Table): void
  resize(width: number, height: number): void
  hide(hidden: ReadonlySet<string>): void
  dispose(): void
}

/** Redrawn from nothing when lines, their style, the scale or the theme change; updated in place for new values. */
export function createPlot(options: PlotOptions): Plot {
  const { host, width, height, lines, log, hidden, clip, group, onCursor } = options
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const font = `11px ${getComputedStyle(host).fontFamily}`
  const axis = { stroke: colour('--ui-text-muted'), grid: { stroke: colour('--ui-border'), width: 1 }, ticks: { stroke: colour('--ui-border'), width: 1, size: 4 }, font, labelFont: font, labelSize: 18 }
  /** Chosen by dragging; a double click shows all again. */
  let zoom: { min: number; max: number } | null = null
  let table = options.table

  const plot: uPlot = new uPlot(
    {
      width,
      height,
      legend: { show: false },
      padding: [8, 20, 0, 0],
      cursor: { sync: { key: group, scales: ['x', null] }, drag: { x: true, y: false }, focus: { prox: 24 } },
      focus: { alpha: 0.35 },
      scales: {
        x: { time: false },
        y: {
          distr: log ? 3 : 1,
          range: (_, low, high) => rangeOf({ low, high, log, clip: clip() }),
        },
      },
      axes: [
        { ...axis, label: options.xLabel, size: 30, incrs: WHOLE_STEPS },
        { ...axis, label: options.yLabel, size: 52, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : options.tick(tick))) },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: colour(line.colour),
          width: line.wide ? 2 : 1.25,
          spanGaps: true,
          show: !hidden.has(line.id),
          ...(line.dashed && { dash: [5, 4] }),
          ...(line.ghost && { alpha: GHOST }),
          points: line.ghost ? { show: false } : line.points ? { show: true, size: 7, fill: colour(line.colour) } : { size: 4 },
        })),
      ],
      hooks: {
        drawClear: [(self) => drawBands(self, options.behind().bands, { colour, font })],
        draw: [
          (self) => drawNames(self, options.behind().bands, { colour, font }),
          (self) => drawMarks(self, options.behind().marks, { colour, font }),
          (self) => drawAlerts(self, options.behind().alerts, { colour, font }),
        ],
        setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)],
        setSelect: [
          (self) => {
            const { left, width: wide } = self.select
            if (wide > 0) zoom = { min: self.posToVal(left, 'x'), max: self.posToVal(left + wide, 'x') }
          },
        ],
      },
    },
    dataOf(table, log),
    host,
  )
  const showRange = (): void => plot.setScale('x', zoom ?? options.range() ?? wholeRange(table))
  showRange()
  plot.over.addEventListener('dblclick', () => {
    zoom = null
    showRange()
  })

  return {
    update(next) {
      table = next
      plot.batch(() => {
        plot.setData(dataOf(next, log), false)
        showRange()
      })
    },
    resize: (wide, high) => plot.setSize({ width: wide, height: high }),
    hide(ids) {
      lines.forEach(({ id }, at) => {
        if (plot.series[at + 1]?.show === ids.has(id)) plot.setSeries(at + 1, { show: !ids.has(id) })
      })
    },
    dispose: () => plot.destroy(),
  }
}

/** How much of a line that was not smoothed is seen. */
const GHOST = 0.3

/** Steps are whole. */
const WHOLE_STEPS = [1, 2, 5].flatMap((first) => Array.from({ length: 8 }, (_, power) => first * 10 ** power)).sort((a, b) => a - b)

/** A logarithm has no place for what is not above 0. */
const dataOf = ({ x, columns }: Table, log: boolean): uPlot.AlignedData =>
  [x, ...columns.map((column) => (log ? Array.from(column, (value) => (value !== null && value > 0 ? value : null)) : column))] as uPlot.AlignedData

function wholeRange({ x }: Table): { min: number; max: number } {
  const [min = 0, max = 1] = [x[0], x.at(-1)]
  return min === max ? { min: min - 1, max: max + 1 } : { min, max }
}

function rangeOf({ low, high, log, clip }: { low: number | null; high: number | null; log: boolean; clip: Clip | null }): uPlot.Range.MinMax {
  const [min, max] = [clip ? Math.max(clip.min, low ?? clip.min) : low, clip ? Math.min(clip.max, high ?? clip.max) : high]
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return log ? [0.1, 10] : [0, 1]
  if (!log) return uPlot.rangeNum(min, max, 0.1, true)
  // A tenth of the way at either end, whatever the powers of ten: few losses span a whole one.
  const margin = Math.max(1.02, (max / min) ** 0.08)
  return [min / margin, max * margin]
}

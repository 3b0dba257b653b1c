// Draws stages behind a chart's curves and gates across it.
import uPlot from 'uplot'
import type { AlertMark, Band } from './stageBands.ts'

/** A line across the chart at `x`, with a word at its foot. `open`: drawn solid. */
type Mark = { readonly x: number; readonly label: string; readonly open: boolean }
export type Behind = { readonly bands: readonly Band[]; readonly marks: readonly Mark[]; readonly alerts: readonly AlertMark[] }
type Look = { readonly colour: (name: string) => string; readonly font: string }

const TINT = 0.07
const PAD = 4
/** Under words that lie on curves. */
const PLATE = 0.85

/** Behind grid and curves. */
export function drawBands(plot: uPlot, bands: readonly Band[], { colour }: Look): void {
  const { ctx, bbox } = plot
  ctx.save()
  clipTo(ctx, bbox)
  for (const { from, to, colour: variable } of bands) {
    const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
    ctx.globalAlpha = TINT
    ctx.fillStyle = colour(variable)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
  }
  ctx.restore()
}

/** Over the curves: the names of the stages, where they have room. */
export function drawNames(plot: uPlot, bands: readonly Band[], { colour, font }: Look): void {
  const { ctx, bbox } = plot
  ctx.save()
  clipTo(ctx, bbox)
  for (const { from, to, name } of bands) {
    const left = Math.max(plot.valToPos(from, 'x', true), bbox.left)
    const room = Math.min(plot.valToPos(to, 'x', true), bbox.left + bbox.width) - left - 2 * PAD
    write(ctx, { text: name, font, colour: colour('--ui-text-muted'), x: left + PAD, y: bbox.top + PAD, room, plate: colour('--ui-bg') })
  }
  ctx.restore()
}

/** Over the curves, thin. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], { colour, font }: Look): void {
  const { ctx, bbox } = plot
  ctx.save()
  clipTo(ctx, bbox)
  ctx.strokeStyle = colour('--ui-text-muted')
  ctx.lineWidth = uPlot.pxRatio
  const places = marks.map(({ x }) => plot.valToPos(x, 'x', true))
  marks.forEach(({ label, open }, at) => {
    const x = places[at]!
    ctx.setLineDash(open ? [] : [3 * uPlot.pxRatio, 4 * uPlot.pxRatio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const room = x - (at > 0 ? places[at - 1]! : bbox.left) - 2 * PAD
    write(ctx, { text: label, font, colour: colour('--ui-text-muted'), x: x - PAD, y: bbox.top + bbox.height - 17 * uPlot.pxRatio, room, align: 'right', plate: colour('--ui-bg') })
  })
  ctx.restore()
}

/** Signs at the upper edge, each with a line down to the axis. */
export function drawAlerts(plot: uPlot, alerts: readonly AlertMark[], { colour }: Look): void {
  const { ctx, bbox } = plot
  const size = 5 * uPlot.pxRatio
  ctx.save()
  clipTo(ctx, bbox)
  ctx.lineWidth = uPlot.pxRatio
  for (const alert of alerts) {
    const x = plot.valToPos(alert.x, 'x', true)
    ctx.strokeStyle = ctx.fillStyle = colour(alert.colour)
    ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top + size)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.beginPath()
    ctx.moveTo(x - size, bbox.top)
    ctx.lineTo(x + size, bbox.top)
    ctx.lineTo(x, bbox.top + 1.6 * size)
    ctx.fill()
  }
  ctx.restore()
}

function clipTo(ctx: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox): void {
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
}

type Writing = { text: string; font: string; colour: string; x: number; y: number; room: number; align?: 'right'; plate?: string }

/** Only where the whole word has room. */
function write(ctx: CanvasRenderingContext2D, { text, font, colour, x, y, room, align, plate }: Writing): void {
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * uPlot.pxRatio))
  const { width } = ctx.measureText(text)
  if (text === '' || width > room) return
  if (plate !== undefined) {
    ctx.globalAlpha = PLATE
    ctx.fillStyle = plate
    ctx.fillRect(align === 'right' ? x - width - 2 : x - 2, y - 2 * uPlot.pxRatio, width + 4, 15 * uPlot.pxRatio)
    ctx.globalAlpha = 1
  }
  ctx.fillStyle = colour
  ctx.textBaseline = 'top'
  ctx.textAlign = align ?? 'left'
  ctx.fillText(text, x, y)
}

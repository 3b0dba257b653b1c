// Draws stages behind a chart's curves and gates across it.
import uPlot from 'uplot'
import type { Band } from './stageBands.ts'

/** A line across the chart at `x`, with a word at its foot. `open`: drawn solid. */
type Mark = { readonly x: number; readonly label: string; readonly open: boolean }
export type Behind = { readonly bands: readonly Band[]; readonly marks: readonly Mark[] }
type Look = { readonly colour: (name: string) => string; readonly font: string }

const TINT = 0.12
const PAD = 4

/** Behind grid and curves: tints, and the names where they have room. */
export function drawBands(plot: uPlot, bands: readonly Band[], { colour, font }: Look): void {
  const { ctx, bbox } = plot
  ctx.save()
  clipTo(ctx, bbox)
  for (const { from, to, name, colour: variable } of bands) {
    const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
    ctx.globalAlpha = TINT
    ctx.fillStyle = colour(variable)
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    ctx.globalAlpha = 1
    write(ctx, { text: name, font, colour: colour('--ui-text-muted'), x: Math.max(left, bbox.left) + PAD, y: bbox.top + PAD, room: Math.min(right, bbox.left + bbox.width) - Math.max(left, bbox.left) - 2 * PAD })
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
    write(ctx, { text: label, font, colour: colour('--ui-text-muted'), x: x - PAD, y: bbox.top + bbox.height - 16 * uPlot.pxRatio, room, align: 'right' })
  })
  ctx.restore()
}

function clipTo(ctx: CanvasRenderingContext2D, { left, top, width, height }: uPlot.BBox): void {
  ctx.beginPath()
  ctx.rect(left, top, width, height)
  ctx.clip()
}

type Writing = { text: string; font: string; colour: string; x: number; y: number; room: number; align?: 'right' }

/** Only where the whole word has room. */
function write(ctx: CanvasRenderingContext2D, { text, font, colour, x, y, room, align }: Writing): void {
  ctx.font = font.replace(/^\d+/, (size) => String(Number(size) * uPlot.pxRatio))
  if (ctx.measureText(text).width > room) return
  ctx.fillStyle = colour
  ctx.textBaseline = 'top'
  ctx.textAlign = align ?? 'left'
  ctx.fillText(text, x, y)
}

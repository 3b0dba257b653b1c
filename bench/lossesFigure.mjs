// The figure of bench/losses.mjs: held-out curves by kind of token, a panel an arm beside cross entropy, as SVG text.

const KINDS = ['reason', 'act', 'final']
/** Width and height of a panel, space above all, between columns, and for labels. */
const [W, H, TOP, GAP, LABELS] = [150, 96, 44, 22, 34]
const STYLE = `text{font:11px sans-serif;fill:#333}.axis{stroke:#999;fill:none}.base{stroke:#8a8f98;stroke-width:1.5;fill:none}
.arm{stroke:#c2410c;stroke-width:1.8;fill:none}.seed{stroke:#c2410c;stroke-opacity:.35;fill:none}.seed0{stroke:#8a8f98;stroke-opacity:.35;fill:none}
svg{background:#fff}`

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** Points (share of the run, value) of each seed, and of their mean where all have as many. */
function curvesOf(runs, value) {
  const seeds = runs.map(({ curve }) => curve.map((point) => ({ step: point.step, y: value(point) })))
  const length = Math.min(...seeds.map((curve) => curve.length))
  const middle = Array.from({ length }, (_, i) => ({ step: mean(seeds.map((curve) => curve[i].step)), y: mean(seeds.map((curve) => curve[i].y)) }))
  return { seeds, middle }
}

/** `arms` in order, the first being the baseline that is drawn into every panel. */
export function drawCurves(runs, arms) {
  const of = (key) => runs.filter(({ arm }) => arm === key)
  const [reference, ...others] = arms.filter(({ key }) => of(key).length > 0)
  if (!reference || others.length === 0) throw new Error('a figure takes the baseline and another arm')
  const steps = Math.max(...runs.flatMap(({ curve }) => curve.map(({ step }) => step)))
  const rows = [
    ...KINDS.map((kind) => ({ name: `${kind.toUpperCase()} nll`, value: ({ byKind }) => byKind[kind].nll })),
    { name: 'ACT accuracy', value: ({ byKind }) => byKind.act.accuracy },
  ]
  const parts = []
  rows.forEach(({ name, value }, row) => {
    const values = runs.flatMap(({ curve }) => curve.map(value))
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const y0 = TOP + row * (H + LABELS)
    others.forEach(({ key, label }, column) => {
      const x0 = LABELS + 20 + column * (W + GAP)
      const x = (step) => (x0 + (step / steps) * W).toFixed(1)
      const y = (v) => (y0 + H - ((v - low) / (high - low)) * H).toFixed(1)
      const line = (points, style) => parts.push(`<polyline class="${style}" points="${points.map(({ step, y: v }) => `${x(step)},${y(v)}`).join(' ')}"/>`)
      parts.push(`<path class="axis" d="M${x0} ${y0}V${y0 + H}H${x0 + W}"/>`)
      if (row === 0) parts.push(`<text x="${x0}" y="${TOP - 26}">${escape(label.split(' (')[0])}</text>`)
      if (column === 0) {
        parts.push(`<text x="${x0}" y="${y0 - 6}" font-weight="bold">${name}</text>`)
        for (const v of [low, high]) parts.push(`<text x="${x0 - 4}" y="${Number(y(v)) + 4}" text-anchor="end">${v.toFixed(2)}</text>`)
      }
      if (row === rows.length - 1)
        for (const step of [0, steps]) parts.push(`<text x="${x(step)}" y="${y0 + H + 14}" text-anchor="middle">${step}</text>`)
      for (const [arm, style, thin] of [[reference.key, 'base', 'seed0'], [key, 'arm', 'seed']]) {
        // The baseline by the seeds that the arm has: a pair is compared.
        const { seeds, middle } = curvesOf(of(arm).filter(({ seed }) => of(key).some((run) => run.seed === seed)), value)
        for (const points of seeds) line(points, thin)
        line(middle, style)
      }
    })
  })
  const width = LABELS + 20 + others.length * (W + GAP)
  const height = TOP + rows.length * (H + LABELS) + 16
  const legend = `<text x="${LABELS + 20}" y="${height - 6}">steps; grey: ${escape(reference.label)}, same seeds; orange: the arm named above; thin: each seed, thick: their mean</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><style>${STYLE}</style>\n${[...parts, legend].join('\n')}\n</svg>\n`
}

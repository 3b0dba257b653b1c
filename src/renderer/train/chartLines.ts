// The lines of the Train screen's charts: one run by span kind, or several runs beside each other.
import type { RunView } from '../../shared/contract/routes/runs.ts'
import type { MetricsLine } from '../../shared/contract/metrics.ts'
import type { TokenKind } from '../../shared/records/example.ts'
import { countText } from '../components/numbers.ts'
import type { Curve } from './series.ts'

export type Line = {
  readonly id: string
  readonly label: string
  /** Name of a CSS variable. */
  readonly colour: string
  readonly curve: Curve
  readonly dashed?: true
  /** Few values, each worth a point; never smoothed. */
  readonly points?: true
  /** Already a plan or a setting: never smoothed. */
  readonly exact?: true
  readonly wide?: true
  /** Pale, behind the line of the same id: its values before they were smoothed. */
  readonly ghost?: true
}

export type ChartName = 'loss' | 'heldout' | 'kl' | 'accuracy' | 'lr' | 'gradNorm' | 'speed' | 'weights' | 'conflicts'
type SmallChart = 'accuracy' | 'gradNorm' | 'lr' | 'speed'
/** What is compared between runs: the loss of all trained tokens or of one kind. */
export type Measure = 'total' | TokenKind

/** Observe is for reference: it is not what is trained. */
export const LOSS_KINDS: readonly TokenKind[] = ['reason', 'act', 'final', 'end', 'observe', 'context']
export const SMALL_CHARTS: readonly SmallChart[] = ['accuracy', 'gradNorm', 'lr', 'speed']
/** From the first step that anything is known of to the last; null before there are two. */
export function stepsOf(views: readonly RunView[]): { min: number; max: number } | null {
  const steps = views.flatMap(({ metrics, heldout }) => [metrics[0]?.step, metrics.at(-1)?.step, ...heldout.map(({ step }) => step)].filter((step) => step !== undefined))
  const [min, max] = [Math.min(...steps), Math.max(...steps)]
  return min < max ? { min, max } : null
}

/** As many runs have a colour of their own. */
export const RUN_COLOURS = ['--run-1', '--run-2', '--run-3', '--run-4', '--run-5', '--run-6'] as const

export type Words = { readonly loss: string; readonly heldout: string; readonly agent: string; readonly training: string; readonly kinds: Readonly<Record<TokenKind, string>>; readonly charts: Readonly<Record<ChartName, string>> }

/** Rows without the figure are left out: a kind that is measured every tenth step is a line through those steps. */
function curveOf(metrics: readonly MetricsLine[], figure: (line: MetricsLine) => number | null | undefined): Curve {
  const x: number[] = []
  const y: number[] = []
  for (const line of metrics) {
    const value = figure(line)
    if (value === null || value === undefined) continue
    x.push(line.step)
    y.push(value)
  }
  return { x, y }
}

function heldoutCurve({ heldout }: RunView, figure: (point: RunView['heldout'][number]) => number | undefined): Curve {
  const points = heldout.map((point) => ({ step: point.step, value: figure(point) })).filter(({ value }) => value !== undefined)
  points.sort((a, b) => a.step - b.step)
  return { x: points.map(({ step }) => step), y: points.map(({ value }) => value as number) }
}

/** Loss of one run: all trained tokens, each kind, and the held-out side, in nats a token. */
export function lossLines(view: RunView, words: Words): Line[] {
  const kinds = LOSS_KINDS.flatMap((kind): Line[] => {
    const curve = curveOf(view.metrics, ({ byKind }) => byKind[kind])
    if (curve.x.length === 0) return []
    const reference = !((view.trainedOn.counts[kind] ?? 0) > 0)
    return [{ id: kind, label: words.kinds[kind], colour: `--span-${kind}`, curve, ...(reference && { dashed: true as const }) }]
  })
  const heldout = heldoutCurve(view, ({ result }) => result.agent.nll)
  return [
    { id: 'total', label: words.loss, colour: '--ui-text-highlighted', curve: curveOf(view.metrics, ({ loss }) => loss), wide: true },
    ...kinds,
    ...(heldout.x.length > 0 ? [{ id: 'heldout', label: words.heldout, colour: '--run-heldout', curve: heldout, points: true as const, wide: true as const }] : []),
  ]
}

/** The held-out side of one run by kind, observe for reference. Empty without a point. */
export function heldoutLines(view: RunView, words: Words): Line[] {
  const line = (id: string, part: Pick<Line, 'label' | 'colour' | 'dashed' | 'wide'>, figure: Parameters<typeof heldoutCurve>[1]): Line[] => {
    const curve = heldoutCurve(view, figure)
    return curve.x.length === 0 ? [] : [{ id, curve, points: true, ...part }]
  }
  return [
    ...line('agent', { label: words.agent, colour: '--run-heldout', wide: true }, ({ result }) => result.agent.nll),
    ...LOSS_KINDS.flatMap((kind) => {
      const reference = !((view.trainedOn.counts[kind] ?? 0) > 0)
      return line(kind, { label: words.kinds[kind], colour: `--span-${kind}`, ...(reference && { dashed: true as const }) }, ({ result }) => result.byKind[kind]?.nll)
    }),
  ]
}

/** The same measure of several runs, and their held-out sides as dashed lines of the same colour. */
export function comparedLines(views: readonly RunView[], options: { measure: Measure; names: readonly string[]; colours: (run: string) => string; words: Words }): Line[] {
  const { measure, names, colours, words } = options
  return views.flatMap((view, at): Line[] => {
    const colour = colours(view.row.id)
    const name = names[at] ?? view.row.id
    const curve = curveOf(view.metrics, (line) => (measure === 'total' ? line.loss : line.byKind[measure]))
    const heldout = heldoutCurve(view, ({ result }) => (measure === 'total' ? result.agent : result.byKind[measure])?.nll)
    return [
      { id: view.row.id, label: name, colour, curve, wide: true },
      ...(heldout.x.length > 0
        ? [{ id: `${view.row.id} heldout`, label: `${name}, ${words.heldout}`, colour, curve: heldout, dashed: true as const, points: true as const }]
        : []),
    ]
  })
}

/** Charts of what only some losses have: of one run alone, and only where its metrics carry them. */
type LossChart = { readonly name: 'kl' | 'weights' | 'conflicts'; readonly lines: readonly Line[] }

/** KL to the teacher by kind and to the plain student, learned weights of span kinds, and how often gradients oppose. */
export function lossCharts({ metrics }: Pick<RunView, 'metrics'>, words: Words & { readonly baseKl: string }): LossChart[] {
  const byKind = (figure: (line: MetricsLine) => Readonly<Partial<Record<TokenKind, number>>> | undefined): Line[] =>
    LOSS_KINDS.flatMap((kind): Line[] => {
      const curve = curveOf(metrics, (line) => figure(line)?.[kind])
      return curve.x.length === 0 ? [] : [{ id: kind, label: words.kinds[kind], colour: `--span-${kind}`, curve }]
    })
  const one = (id: string, label: string, figure: (line: MetricsLine) => number | undefined): Line[] => {
    const curve = curveOf(metrics, figure)
    return curve.x.length === 0 ? [] : [{ id, label, colour: '--run-1', curve }]
  }
  const charts: LossChart[] = [
    { name: 'kl', lines: [...byKind(({ klByKind }) => klByKind), ...one('base', words.baseKl, ({ baseKl }) => baseKl)] },
    { name: 'weights', lines: byKind(({ spanWeights }) => spanWeights) },
    { name: 'conflicts', lines: one('conflicts', words.charts.conflicts, ({ conflicts }) => conflicts) },
  ]
  return charts.filter(({ lines }) => lines.length > 0)
}

export const runColour = (at: number): string => RUN_COLOURS[at % RUN_COLOURS.length] as string

/** One of the small charts: a line a run. Accuracies are shares from 0 to 1. */
export function smallLines(name: SmallChart, views: readonly RunView[], options: { names: readonly string[]; colours: (run: string) => string; words: Words }): Line[] {
  const alone = views.length === 1
  return views.flatMap((view, at): Line[] => {
    const colour = alone ? OWN_COLOUR[name] : options.colours(view.row.id)
    const label = alone ? (name === 'accuracy' ? options.words.training : options.words.charts[name]) : (options.names[at] ?? view.row.id)
    const line: Line = { id: view.row.id, label, colour, curve: curveOf(view.metrics, FIGURES[name]), ...(name === 'lr' && { exact: true as const }) }
    const heldout = heldoutCurve(view, ({ result }) => result.byKind.act?.accuracy)
    if (name !== 'accuracy' || heldout.x.length === 0) return [line]
    const shown = alone ? options.words.heldout : `${label}, ${options.words.heldout}`
    return [line, { id: `${view.row.id} heldout`, label: shown, colour: alone ? '--run-heldout' : colour, curve: heldout, points: true, ...(alone ? {} : { dashed: true as const }) }]
  })
}

const OWN_COLOUR: Readonly<Record<SmallChart, string>> = {
  accuracy: '--span-act',
  gradNorm: '--run-1',
  lr: '--run-1',
  speed: '--run-1',
}

const FIGURES: Readonly<Record<SmallChart, (line: MetricsLine) => number | null>> = {
  accuracy: ({ actAccuracy }) => actAccuracy,
  gradNorm: ({ gradNorm }) => gradNorm,
  lr: ({ lr }) => lr,
  speed: ({ tokens, seconds }) => (seconds > 0 ? tokens / seconds : null),
}

/** A figure of the chart as text with its unit. */
export function figureText(name: ChartName, value: number): string {
  switch (name) {
    case 'loss':
    case 'heldout':
    case 'kl':
      return `${value.toFixed(4)} nats/token`
    case 'weights':
      return value.toPrecision(4)
    case 'conflicts':
    case 'accuracy':
      return `${(value * 100).toFixed(1)} %`
    case 'lr':
      return value === 0 ? '0' : value.toExponential(2)
    case 'gradNorm':
      return value.toPrecision(4)
    case 'speed':
      return `${countText(value)} tokens/s`
  }
}

/** The same where the unit stands elsewhere, as in a legend. */
export const valueText = (name: ChartName, value: number): string => (name === 'accuracy' || name === 'conflicts' ? figureText(name, value) : figureText(name, value).replace(/ \S+$/, ''))

/** The same in few digits, for the axis, which names it. */
export function tickText(name: ChartName, value: number): string {
  switch (name) {
    case 'accuracy':
    case 'conflicts':
      return String(Number((value * 100).toFixed(2)))
    case 'lr':
      return value === 0 ? '0' : value.toExponential(Number.isInteger(Math.log10(value)) ? 0 : 1)
    case 'loss':
    case 'heldout':
    case 'kl':
    case 'weights':
    case 'gradNorm':
    case 'speed':
      return String(Number(value.toPrecision(4)))
  }
}

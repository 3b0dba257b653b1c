// The stages of a run by a plan as bands behind its curves, its gates and its alerts as marks.
import type { RunView } from '../../shared/contract/routes/runs.ts'
import { ALERT_COLOURS, ALERT_LOOKS } from './alertLooks.ts'
import { runColour } from './chartLines.ts'

/** From after step `from` to step `to`. */
export type Band = { readonly stage: number; readonly name: string; readonly from: number; readonly to: number; /** CSS variable. */ readonly colour: string }
/** Something that happened at `x`: a sign at the upper edge. `colour`: CSS variable. */
export type AlertMark = { readonly x: number; readonly label: string; readonly colour: string }
type Decision = NonNullable<RunView['gates']>[number]
/** A gate that was measured after `step` steps. */
export type GateMark = Decision & { readonly wanted: number }

/** Beside several runs' curves, whose colours the stages would repeat: shades of grey in turn. */
const SHADES = ['--ui-text-muted', '--ui-border'] as const

/** Stages as far as the run has come; none without a plan. */
export function bandsOf({ metrics, plan }: Pick<RunView, 'metrics' | 'plan'>, look: 'colours' | 'shades' = 'colours'): Band[] {
  const bands: { stage: number; from: number; to: number }[] = []
  for (const { step, stage } of metrics) {
    if (stage === undefined) continue
    const last = bands.at(-1)
    if (last?.stage === stage) last.to = step
    else bands.push({ stage, from: step - 1, to: step })
  }
  return bands.map((band) => ({ ...band, name: plan?.stages[band.stage]?.name ?? String(band.stage + 1), colour: look === 'colours' ? runColour(band.stage) : SHADES[band.stage % SHADES.length]! }))
}

/** In the order of their steps. */
export const gateMarksOf = ({ gates, plan }: Pick<RunView, 'gates' | 'plan'>): GateMark[] =>
  (gates ?? []).flatMap((decision) => {
    const gate = plan?.stages[decision.stage]?.gate
    return gate ? [{ ...decision, wanted: gate.actAccuracy }] : []
  })

/** One a step and type, in the order of their steps; `text`: the type's name and what was written down. */
export function alertMarksOf({ alerts }: Pick<RunView, 'alerts'>, text: (alert: RunView['alerts'][number]) => string): AlertMark[] {
  const marks = new Map(alerts.map((alert) => [`${alert.step} ${alert.type}`, { x: alert.step, label: text(alert), colour: ALERT_COLOURS[ALERT_LOOKS[alert.type].colour]! }]))
  return [...marks.values()].sort((a, b) => a.x - b.x)
}

/** Those that a cursor at step `x` means. */
export const marksNear = (alerts: readonly AlertMark[], x: number | undefined): AlertMark[] => alerts.filter((mark) => mark.x === x)

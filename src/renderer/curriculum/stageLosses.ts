// The loss settings that a stage has of its own: read from the plan, changed, and taken away again.
import type { Stage } from '../../shared/records/plan.ts'
import { settingsShapeSchema, SPAN_WEIGHTS } from '../../shared/records/run.ts'

const { kl, klBeta, temperature, stayClose, projectGradients } = settingsShapeSchema.shape

/** What a stage may have its own of; the engine refuses every other one. */
export const KNOWN_LOSSES: readonly string[] = ['kl', 'klBeta', 'temperature', 'stayClose', 'projectGradients', ...SPAN_WEIGHTS]

const known = settingsShapeSchema.pick({ reasonCe: true, reasonKl: true, actCe: true, actKl: true, finalCe: true, finalKl: true }).extend({ kl, klBeta, temperature, stayClose, projectGradients }).partial()
export type OwnLosses = Partial<ReturnType<typeof known.parse>>

/** Those that can be meant; a plan's file may say anything. */
export const lossesIn = (losses: Stage['losses']): OwnLosses =>
  Object.assign({}, ...Object.entries(losses).map(([key, value]) => known.safeParse({ [key]: value }).data ?? {})) as OwnLosses

/** null takes the setting away: the stage then has the run's. */
export function changeLoss(losses: Stage['losses'], key: string, value: string | number | boolean | null): Stage['losses'] {
  const { [key]: _, ...others } = losses
  return value === null ? others : { ...others, [key]: value }
}

// Where a run goes on: on its own provider, which has to work here, or on another one when the user says so.
import { RetortError } from '../../shared/errors.ts'
import type { TrainingFeature } from '../../shared/contract/providers.ts'
import type { Plan } from '../../shared/records/plan.ts'
import type { ProviderName } from '../../shared/records/provider.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { appFolders, thisMachine } from '../paths.ts'
import { chooseProvider } from '../runtime/providers/choose.ts'
import type { RunConfig } from './runFolder.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import { everySettings } from './stagedPlan.ts'

export type ProviderWish = {
  /** Asked for; undefined: the run's own. */
  readonly provider?: ProviderName | undefined
  /** It may be another one than the run's, whose numbers it then no longer equals bit for bit. */
  readonly changeProvider?: boolean | undefined
}

export type Going = { readonly provider: ProviderName; readonly changed: boolean }

/** Throws RetortError `provider-changed`. */
export function wishedProvider({ id, settings }: Pick<RunConfig, 'id' | 'settings'>, { provider, changeProvider = false }: ProviderWish): Going {
  if (provider === undefined || provider === settings.provider) return { provider: settings.provider, changed: false }
  if (changeProvider) return { provider, changed: true }
  throw new RetortError({
    code: 'provider-changed',
    message: 'a run goes on where it was started: on another provider its numbers would not be those of an uninterrupted run',
    where: id,
    found: provider,
    expected: settings.provider,
    advice: `leave --provider away, or add --change-provider to go on with ${provider} all the same`,
  })
}

/** What a run with these settings (of all its stages) asks of its provider beside plain training of an adapter. */
export function featuresNeeded(stages: readonly Pick<TrainSettings, 'teacher' | 'stayClose' | 'dropout' | 'recompute'>[]): TrainingFeature[] {
  const some = (holds: (settings: (typeof stages)[number]) => boolean): boolean => stages.some(holds)
  return [
    ...(some(({ teacher, stayClose }) => teacher !== undefined || stayClose > 0) ? (['distributions'] as const) : []),
    ...(some(({ dropout }) => dropout > 0) ? (['dropout'] as const) : []),
    ...(some(({ recompute }) => recompute) ? (['recompute'] as const) : []),
  ]
}

/** Of a run that is still to be made. */
export const neededBy = ({ settings, plan }: { readonly settings: SettingsInput; readonly plan: Plan | null }): TrainingFeature[] =>
  featuresNeeded(everySettings({ settings: fillSettings(settings), plan: plan ?? undefined }))

/** Throws RetortError `provider-unusable` for one that does not pass its self-test on this machine, or lacks what the run needs. */
export async function requireProvider(config: RunConfig, { provider, changed }: Going, { cacheDir, signal }: { cacheDir: string; signal: AbortSignal }): Promise<void> {
  const { id, settings } = config
  if (provider === 'cpu') return
  try {
    await chooseProvider(provider, { dataFolder: appFolders(thisMachine()).data, cacheDir, env: process.env, compute: settings.compute, needs: featuresNeeded(everySettings(config)), signal })
  } catch (error) {
    if (!(error instanceof RetortError) || changed) throw error
    throw new RetortError({
      code: error.code,
      message: error.message,
      where: id,
      ...(error.found !== undefined && { found: error.found }),
      advice: `${error.advice ?? 'see retort providers'}; or go on elsewhere, though not bit for bit: --resume ${id} --provider cpu --change-provider`,
      cause: error,
    })
  }
}

// The provider that a run uses: as chosen, as far as it passed its self-test and has what the run needs.
import { TRAINING_FEATURES, type Lack, type ProviderStatus, type TrainingFeature } from '../../../shared/contract/providers.ts'
import { RetortError } from '../../../shared/errors.ts'
import type { ProviderChoice, ProviderName } from '../../../shared/records/provider.ts'
import { examineProvider, examineProviders, type Examination } from './examine.ts'

export type Choosing = Examination & {
  /** What the run asks for beside plain training of an adapter. */
  readonly needs?: readonly TrainingFeature[]
  /** Told, in words, of a faster provider that lacks something of it. */
  readonly onPassedOver?: (text: string) => void
}

type Rated = Pick<ProviderStatus, 'name' | 'state' | 'tokensPerSecond' | 'lacks'>

/** The first thing that is needed and does not work there. */
const missing = ({ lacks }: Pick<Rated, 'lacks'>, needs: readonly TrainingFeature[]): Lack | undefined => lacks.find(({ feature }) => needs.includes(feature))

/** The fastest of those that work and have what is needed; the cpu when there is no other. */
export function fastest(statuses: readonly Rated[], needs: readonly TrainingFeature[] = []): ProviderName {
  const able = statuses.filter((status) => status.state === 'works' && !missing(status, needs))
  return able.reduce<Rated | null>((best, one) => ((one.tokensPerSecond ?? 0) > (best?.tokensPerSecond ?? 0) ? one : best), null)?.name ?? 'cpu'
}

/** Whom `auto` takes, and in words who would have been faster but lacks something. */
export function pickFastest(statuses: readonly Rated[], needs: readonly TrainingFeature[]): { readonly name: ProviderName; readonly passedOver: string | null } {
  const [name, first] = [fastest(statuses, needs), fastest(statuses)]
  const lack = name === first ? undefined : missing(statuses.find((status) => status.name === first) as Rated, needs)
  return { name, passedOver: lack ? `${first} is passed over for this run, which goes to ${name}: ${lackText(lack)}` : null }
}

const lackText = ({ feature, reason }: Lack): string => `${TRAINING_FEATURES[feature]} fails its self-test there: ${reason}`

/**
 * `cpu` is taken as it is; `auto` is the fastest that passed and has what the run needs; one that is named must have passed
 * and have it, but may be slower. Throws RetortError `provider-unusable`.
 */
export async function chooseProvider(choice: ProviderChoice, { needs = [], onPassedOver, ...examination }: Choosing): Promise<ProviderName> {
  if (choice === 'cpu') return 'cpu'
  if (choice === 'auto') {
    const { name, passedOver } = pickFastest(await examineProviders(examination), needs)
    if (passedOver !== null) onPassedOver?.(passedOver)
    return name
  }
  return named(await examineProvider(choice, examination), needs)
}

/** A provider that was asked for by its name. */
export function named(status: ProviderStatus, needs: readonly TrainingFeature[]): ProviderName {
  const { name, state, reason, enable } = status
  const lack = missing(status, needs)
  if ((state === 'works' || state === 'slower') && !lack) return name
  const advice = lack ? 'leave that out, or let --provider auto take another provider for this run' : enable
  throw new RetortError({
    code: 'provider-unusable',
    message: lack ? `the provider ${name} cannot do what this run needs` : `the provider ${name} cannot be used on this machine`,
    found: lack ? lackText(lack) : (reason ?? state),
    expected: 'a provider that passes its self-test: retort providers',
    ...(advice !== null && { advice }),
  })
}

// How long a ladder may take, in words: the range, what it is taken from, and what it leaves out.
import type { LadderForecast } from '../../shared/contract/evaluating.ts'
import { durationText } from '../components/numbers.ts'

type Filling = (key: string, values: Record<string, unknown>, count?: number) => string

/** 40 min to 2 h, or one of them where both are alike. */
const rangeText = ({ low, high }: LadderForecast, t: Filling): string => {
  const [from, to] = [durationText(low), durationText(high)]
  return from === to ? to : t('evaluate.forecast.range', { from, to })
}

export function forecastText(forecast: LadderForecast | null, t: Filling): string {
  if (forecast === null) return t('evaluate.forecast.none', {})
  const { rungs, unknown, basis, teaching } = forecast
  const from = [
    ...(basis.trainings > 0 ? [t('evaluate.forecast.trainings', { n: basis.trainings }, basis.trainings)] : []),
    ...(basis.evaluations > 0 ? [t('evaluate.forecast.evaluations', { n: basis.evaluations }, basis.evaluations)] : []),
  ].join(t('evaluate.forecast.and', {}))
  return [
    t('evaluate.forecast.time', { time: rangeText(forecast, t), basis: from }),
    ...(unknown.length > 0 ? [t('evaluate.forecast.unknown', { rungs: unknown.join('; '), n: rungs })] : []),
    ...(teaching ? [t('evaluate.forecast.teaching', {})] : []),
  ].join(' ')
}

/** In a line of other things, while the first rung is climbed. */
export const forecastShort = (forecast: LadderForecast, t: Filling): string => t('evaluate.forecast.short', { time: rangeText(forecast, t) })

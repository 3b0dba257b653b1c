// A stage in few words: what it takes, how long, how it learns.
import type { Stage } from '../../shared/records/plan.ts'
import { countText, percentText } from '../components/numbers.ts'

type Say = (key: string, values: Record<string, unknown>, count?: number) => string

/** What its filter lets through; empty: everything. */
export function filterParts({ filter }: Stage, t: Say): string[] {
  const lists = (['format', 'file', 'method', 'outcome', 'tags'] as const).flatMap((key) => {
    const values = filter[key]
    return values === undefined ? [] : [values.length <= 2 ? values.join(' / ') : t('curriculum.brief.several', { n: values.length, what: t(`curriculum.filters.${key}`, {}) })]
  })
  return [
    ...(filter.complexity ? [t('curriculum.brief.complexity', { from: percentText(filter.complexity.from), to: percentText(filter.complexity.to) })] : []),
    ...lists,
    ...(filter.split ? [t('curriculum.brief.split', { from: percentText(filter.split.from), to: percentText(filter.split.to) })] : []),
    ...(filter.ids ? [t('curriculum.brief.ids', { n: filter.ids.length }, filter.ids.length)] : []),
  ]
}

/** All that is not as a new stage has it. */
export function stageParts(stage: Stage, t: Say): string[] {
  const { length, order, replay, recipe, lr, gate, mix, losses } = stage
  const takes = filterParts(stage, t)
  return [
    takes.length === 0 ? t('curriculum.brief.all', {}) : takes.join(', '),
    length.unit === 'passes' ? t('curriculum.brief.passes', { n: length.passes }, length.passes === 1 ? 1 : 2) : t('curriculum.brief.steps', { n: countText(length.steps) }, length.steps),
    t(`curriculum.orders.${order}`, {}),
    ...(replay > 0 ? [t('curriculum.brief.replay', { share: percentText(replay) })] : []),
    ...(mix ? [t('curriculum.brief.mix', { by: t(`curriculum.filters.${mix.by}`, {}) })] : []),
    ...(recipe ? [recipe] : []),
    ...(Object.keys(losses).length > 0 ? [t('curriculum.brief.losses', { n: Object.keys(losses).length }, Object.keys(losses).length)] : []),
    ...(lr === null ? [] : [t('curriculum.brief.lr', { lr })]),
    ...(gate ? [t('curriculum.brief.gate', { share: percentText(gate.actAccuracy) })] : []),
  ]
}

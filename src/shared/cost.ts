// Money of a model's tokens as text: its unit is that of the prices that the user gave, which has no name here.

import type { Budget, Usage } from './records/rollout.ts'

const CENTS = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const FINE = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })

/** 12.40, 0.0031. */
export const costText = (cost: number): string => (cost === 0 || cost >= 0.1 ? CENTS : FINE).format(cost)

/** Limits that what was spent is above; an endpoint may count more tokens than a request of that size can have. */
export function exceeded({ cost, promptTokens, tokens }: Pick<Usage, 'cost' | 'promptTokens' | 'tokens'>, budget: Budget): ('cost' | 'tokens')[] {
  const over: ('cost' | 'tokens')[] = []
  if (budget.cost !== null && cost !== null && cost > budget.cost) over.push('cost')
  if (budget.tokens !== null && promptTokens + tokens > budget.tokens) over.push('tokens')
  return over
}

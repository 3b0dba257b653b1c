// Counts and amounts as words of a report.
import { costText, exceeded } from '../shared/cost.ts'
import type { AskEstimate } from '../shared/contract/asking.ts'
import type { Budget, Usage } from '../shared/records/rollout.ts'

/** `1 request`, `3 requests`; `many` where it is no plain s. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** In the currency that --price-in and --price-out are in, whichever that is. */
export const moneyText = (cost: number): string => `cost ${costText(cost)} in the currency of the prices`

/** What was paid, behind the tokens it was paid for; nothing where it costs nothing. */
export const paidText = (cost: number | null): string => (cost === null ? ' (prices are not known)' : cost === 0 ? '' : ` (${moneyText(cost)})`)

/** The same of what is expected, where prices can still be given. */
export const expectedText = (cost: number | null): string => (cost === null ? ' (prices are not known: --price-in, --price-out)' : cost === 0 ? '' : `, ${moneyText(cost)}`)

/** What was asked, and what it took; answers that were there already are not among the requests. */
export const usageText = ({ requests, promptTokens, tokens, cost, replayed, assumed }: Usage): string =>
  `${counted(requests, 'request')}, ${promptTokens} tokens read, ${tokens} written${paidText(cost)}${replayed > 0 ? `, ${counted(replayed, 'answer')} from the journal` : ''}${assumed > 0 ? `, ${assumed} of the requests counted at their most: the endpoint did not say their tokens` : ''}`

/** Before anything is asked. */
export function* estimateLines({ requests, promptTokens, tokens, cost, most, basis }: AskEstimate): Iterable<string> {
  yield `${counted(requests, 'request')}: about ${promptTokens} tokens read, ${tokens} written${expectedText(cost)}; at most ${most.tokens} tokens${most.cost === null || most.cost === 0 ? '' : `, ${moneyText(most.cost)}`}`
  yield `from ${basis}`
}

/** A line where more was spent than the budget allows, and why; none where it held. */
export function* exceededLines(usage: Pick<Usage, 'cost' | 'promptTokens' | 'tokens'>, budget: Budget): Iterable<string> {
  const over = exceeded(usage, budget)
  if (over.length === 0) return
  const spent = { cost: `${costText(usage.cost ?? 0)} spent of at most ${budget.cost}`, tokens: `${usage.promptTokens + usage.tokens} tokens spent of at most ${budget.tokens}` }
  yield `BUDGET EXCEEDED: ${over.map((kind) => spent[kind]).join(', ')}; the endpoint counted more tokens than requests of that size can have, or the limit was lowered`
}

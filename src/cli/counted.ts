// Counts and amounts as words of a report.
import { costText } from '../shared/cost.ts'

/** `1 request`, `3 requests`; `many` where it is no plain s. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** In the currency that --price-in and --price-out are in, whichever that is. */
export const moneyText = (cost: number): string => `cost ${costText(cost)} in the currency of the prices`

/** What was paid, behind the tokens it was paid for; nothing where it costs nothing. */
export const paidText = (cost: number | null): string => (cost === null ? ' (prices are not known)' : cost === 0 ? '' : ` (${moneyText(cost)})`)

/** The same of what is expected, where prices can still be given. */
export const expectedText = (cost: number | null): string => (cost === null ? ' (prices are not known: --price-in, --price-out)' : cost === 0 ? '' : `, ${moneyText(cost)}`)

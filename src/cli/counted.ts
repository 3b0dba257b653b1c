// Counts and amounts as words of a report.
import { costText } from '../shared/cost.ts'

/** `1 request`, `3 requests`; `many` where it is no plain s. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** In the currency that --price-in and --price-out are in, whichever that is. */
export const moneyText = (cost: number): string => `cost ${costText(cost)} in the currency of the prices`

// Reverse KL: the student keeps to what the teacher finds likely.
import { constant, mul } from '../../tensor/index.ts'
import { klOf } from './arithmetic.ts'
import { distributionFeeds, pairOf, type Pair } from './distributions.ts'
import type { LossRow } from './row.ts'

export const reverseKlOf = ({ student, teacher }: Pair) => klOf(student, teacher)

export const reverseKl: LossRow = {
  name: 'reverseKl',
  formula: 'KL(S || T) = sum S (log S - log T), with top-k over the k tokens and one tail',
  weight: 'kl',
  feeds: distributionFeeds,
  perRow: (chunk, term) => mul(reverseKlOf(pairOf(chunk, term)), constant(term.temperature ** 2)),
}

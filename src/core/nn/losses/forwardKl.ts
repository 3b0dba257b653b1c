// Forward KL: the student covers what the teacher would have said.
import { constant, mul } from '../../tensor/index.ts'
import { klOf } from './arithmetic.ts'
import { distributionFeeds, pairOf, type Pair } from './distributions.ts'
import type { LossRow } from './row.ts'

export const forwardKlOf = ({ student, teacher }: Pair) => klOf(teacher, student)

export const forwardKl: LossRow = {
  name: 'forwardKl',
  formula: 'KL(T || S) = sum T (log T - log S), with top-k over the k tokens and one tail',
  weight: 'kl',
  feeds: distributionFeeds,
  perRow: (chunk, term) => mul(forwardKlOf(pairOf(chunk, term)), constant(term.temperature ** 2)),
}

// Student and teacher as log-probabilities over the same outcomes: the whole vocabulary, or the teacher's top-k and one tail.
import {
  and, constant, lessOrEqual, logSoftmax, logSumExp, mul, where, type Value,
} from '../../tensor/index.ts'
import { FAR } from './arithmetic.ts'
import type { LossChunk, LossFeed, LossSizes, LossTerm } from './row.ts'

export const logProbsOf = (source: LossTerm['source']): string => `${source}LogProbs`
export const logitsOf = (source: LossTerm['source']): string => `${source}Logits`

/**
 * `top`: log-probabilities [N, 1 + K + 1] under the teacher, in the order of the student's outcomes. A number above 0 says that
 * the token is not among the teacher's top-k, so that its probability is a part of the tail, the last column.
 */
export function distributionFeeds({ source, given }: LossTerm, { rows, candidates, vocabulary }: LossSizes): LossFeed[] {
  return given.kind === 'full'
    ? [{ name: logitsOf(source), shape: [rows, vocabulary], perRow: true }]
    : [{ name: logProbsOf(source), shape: [rows, 1 + candidates + 1], perRow: true }]
}

export type Pair = { readonly student: Value; readonly teacher: Value }

/**
 * Both sides [C, outcomes], softened by the temperature. With top-k the tail is one outcome also when softened (ours: how the
 * softened tail divides among its tokens is not known).
 */
export function pairOf({ outcomes, logits, fed }: LossChunk, { source, given, temperature }: LossTerm): Pair {
  const soften = (x: Value): Value => (temperature === 1 ? x : logSoftmax(mul(x, constant(1 / temperature))))
  if (given.kind === 'full') {
    const scaled = (x: Value): Value => (temperature === 1 ? x : mul(x, constant(1 / temperature)))
    return { student: logSoftmax(scaled(logits)), teacher: logSoftmax(scaled(fed(logitsOf(source)))) }
  }
  const { student, teacher } = withTail(outcomes, fed(logProbsOf(source)))
  return { student: soften(student), teacher: soften(teacher) }
}

/** Tokens that are not among the teacher's join the student's tail by a masked log-sum-exp: log(1 - sum) would cancel. */
function withTail(outcomes: Value, given: Value): Pair {
  const columns = outcomes.shape[1] as number
  const mask = (of: (column: number) => boolean): Value =>
    constant(Array.from({ length: columns }, (_, i) => Number(of(i))), { shape: [columns], dtype: 'bool' })
  const [tailColumn, tokenColumns] = [mask((i) => i === columns - 1), mask((i) => i < columns - 1)]
  const far = constant(FAR)
  const named = lessOrEqual(given, constant(0))
  const tail = logSumExp(where(and(named, tokenColumns), far, outcomes)).y
  return {
    student: where(tailColumn, tail, where(named, outcomes, far)),
    teacher: where(named, given, far),
  }
}

// Teachers with other tokens (GOLD, ULD, arXiv 2402.12030): JSD on strings both have, L1 of sorted probabilities on the rest.
import { add, constant, mul, softmax, sub, sum, topK, type Value } from '../../tensor/index.ts'
import { absolute } from './arithmetic.ts'
import { distributionFeeds, pairOf } from './distributions.ts'
import { jsdOf } from './jsd.ts'
import type { LossChunk, LossRow, LossTerm } from './row.ts'

export const restOf = (source: LossTerm['source']): string => `${source}Rest`
export const unsharedOf = (source: LossTerm['source']): string => `${source}Unshared`

const others = ({ given }: LossTerm) => {
  if (given.kind !== 'otherTokens') throw new Error(`uld: the teacher's distribution must be given as otherTokens, found ${given.kind}`)
  return given
}

/**
 * Both vectors descending, over as many places as the teacher has probabilities. What lies behind them is left out: of a teacher's
 * unnamed mass nobody knows which part belongs to strings that the student lacks.
 */
function sortedL1({ logits, fed }: LossChunk, term: LossTerm): Value {
  const { rest } = others(term)
  const unshared = mul(softmax(logits), fed(unsharedOf(term.source)))
  const { values } = topK(unshared, rest)
  return sum(absolute(sub(values, fed(restOf(term.source)))), [1])
}

export const uld: LossRow = {
  name: 'uld',
  formula: 'o JSD_b(strings both have, one tail) + (1-o) sum_i |sort(S)_i - sort(T)_i| (strings one has), o = overlap',
  weight: 'kl',
  /**
   * Beside the log-probabilities of shared strings: probabilities [N, R] of unshared ones, descending, filled with 0; 1 for each
   * of the student's tokens [V] that the teacher lacks, else 0.
   */
  feeds: (term, sizes) => [
    ...distributionFeeds(term, sizes),
    { name: restOf(term.source), shape: [sizes.rows, others(term).rest], perRow: true },
    { name: unsharedOf(term.source), shape: [sizes.vocabulary], perRow: false },
  ],
  perRow: (chunk, term) => {
    const { overlap } = others(term)
    const token = mul(jsdOf(pairOf(chunk, term), term.beta), constant(overlap * term.temperature ** 2))
    return add(token, mul(sortedL1(chunk, term), constant(1 - overlap)))
  },
}

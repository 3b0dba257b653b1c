// Teachers with other tokens (GOLD, ULD, arXiv 2402.12030): JSD on strings both have, L1 of sorted probabilities on the rest.
import { add, constant, lessOrEqual, mul, softmax, sub, sum, topK, where, type Value } from '../../tensor/index.ts'
import { absolute } from './arithmetic.ts'
import { distributionFeeds, pairOf } from './distributions.ts'
import { jsdOf } from './jsd.ts'
import type { LossChunk, LossRow, LossTerm } from './row.ts'

export const restOf = (source: LossTerm['source']): string => `${source}Rest`
export const restTailOf = (source: LossTerm['source']): string => `${source}RestTail`
export const unsharedOf = (source: LossTerm['source']): string => `${source}Unshared`

const others = ({ given }: LossTerm) => {
  if (given.kind !== 'otherTokens') throw new Error(`uld: the teacher's distribution must be given as otherTokens, found ${given.kind}`)
  return given
}

/** Both vectors descending; what lies behind the teacher's last probability counts as one number on each side, when known. */
function sortedL1({ logits, fed }: LossChunk, term: LossTerm): Value {
  const { rest } = others(term)
  const unshared = mul(softmax(logits), fed(unsharedOf(term.source)))
  const { values } = topK(unshared, rest)
  const behind = sub(sum(unshared, [1]), sum(values, [1]))
  const tail = fed(restTailOf(term.source))
  const known = lessOrEqual(constant(0), tail)
  const head = sum(absolute(sub(values, fed(restOf(term.source)))), [1])
  return add(head, where(known, absolute(sub(behind, tail)), constant(0)))
}

export const uld: LossRow = {
  name: 'uld',
  formula: 'o JSD_b(strings both have, one tail) + (1-o) sum_i |sort(S)_i - sort(T)_i| (strings one has), o = overlap',
  weight: 'kl',
  /**
   * Beside the log-probabilities of shared strings: probabilities [N, R] of unshared ones, descending, filled with 0; what all
   * further ones have together [N], below 0 when not known; 1 for each of the student's tokens [V] that the teacher lacks, else 0.
   */
  feeds: (term, sizes) => [
    ...distributionFeeds(term, sizes),
    { name: restOf(term.source), shape: [sizes.rows, others(term).rest], perRow: true },
    { name: restTailOf(term.source), shape: [sizes.rows], perRow: true },
    { name: unsharedOf(term.source), shape: [sizes.vocabulary], perRow: false },
  ],
  perRow: (chunk, term) => {
    const { overlap } = others(term)
    const token = mul(jsdOf(pairOf(chunk, term), term.beta), constant(overlap * term.temperature ** 2))
    return add(token, mul(sortedL1(chunk, term), constant(1 - overlap)))
  },
}

// Generalised Jensen-Shannon divergence (GKD, arXiv 2306.13649), between forward KL at beta 0 and reverse KL at beta 1.
import { add, constant, mul, type Value } from '../../tensor/index.ts'
import { klOf, logAddExp } from './arithmetic.ts'
import { distributionFeeds, pairOf, type Pair } from './distributions.ts'
import { forwardKlOf } from './forwardKl.ts'
import { reverseKlOf } from './reverseKl.ts'
import type { LossRow } from './row.ts'

/** At its ends the formula itself is 0: there the KL that it tends to, when divided by beta or 1 - beta, stands for it. */
export function jsdOf(pair: Pair, beta: number): Value {
  if (beta === 0) return forwardKlOf(pair)
  if (beta === 1) return reverseKlOf(pair)
  const { student, teacher } = pair
  const middle = logAddExp(add(student, constant(Math.log(1 - beta))), add(teacher, constant(Math.log(beta))))
  return add(mul(klOf(teacher, middle), constant(beta)), mul(klOf(student, middle), constant(1 - beta)))
}

export const jsd: LossRow = {
  name: 'jsd',
  formula: 'M = (1-b) S + b T; b KL(T || M) + (1-b) KL(S || M); b = 0: KL(T || S), b = 1: KL(S || T)',
  weight: 'kl',
  feeds: distributionFeeds,
  perRow: (chunk, term) => mul(jsdOf(pairOf(chunk, term), term.beta), constant(term.temperature ** 2)),
}

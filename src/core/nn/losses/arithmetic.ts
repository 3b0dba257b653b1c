// Small formulas that several losses share, each built so that no intermediate value overflows or cancels.
import { add, constant, exp, lessOrEqual, log, mul, neg, sub, sum, where, type Value } from '../../tensor/index.ts'

/** Log-probability of what cannot be: far below any other, yet finite, so that 0 * FAR is 0. */
export const FAR = -1e30

export const last = (x: Value): number => x.shape.length - 1

export const absolute = (x: Value): Value => where(lessOrEqual(x, constant(0)), neg(x), x)

/** log(exp(a) + exp(b)) = max + log(1 + exp(-|a - b|)). */
export function logAddExp(a: Value, b: Value): Value {
  const larger = where(lessOrEqual(a, b), b, a)
  return add(larger, log(add(constant(1), exp(neg(absolute(sub(a, b)))))))
}

/** KL(P || Q) over the last axis from log-probabilities. */
export const klOf = (p: Value, q: Value): Value => sum(mul(exp(p), sub(p, q)), [last(p)])

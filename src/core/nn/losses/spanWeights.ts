// Learnable weights of span kinds by uncertainty (arXiv 1705.07115): L = sum_k exp(-s_k) L_k + s_k, one trained scalar a kind.

/** Beyond these a weight would be under a seventh or over seven times the plain one. */
const MOST = 2
/** Steps of s are this many times the adapter's learning rate: 0.01 at 2e-4, so that some hundred steps can move a weight. */
const RATE = 50

export const spanWeight = (s: number): number => Math.exp(-s)

/** d L / d s_k = 1 - exp(-s_k) L_k. */
export const spanWeightGradient = (s: number, meanLoss: number): number => 1 - spanWeight(s) * meanLoss

/** One step of gradient descent, kept within [-2, 2]. */
export const updatedSpanWeight = (s: number, { meanLoss, lr }: { readonly meanLoss: number; readonly lr: number }): number =>
  Math.min(MOST, Math.max(-MOST, s - RATE * lr * spanWeightGradient(s, meanLoss)))

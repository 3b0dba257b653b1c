// Cross entropy to the token.
import { neg, reshape, split, type Dim, type Value } from '../../tensor/index.ts'
import type { LossChunk, LossRow } from './row.ts'

/** [C], nats. */
export function crossEntropy({ outcomes }: Pick<LossChunk, 'outcomes'>): Value {
  const [label] = split(outcomes, [1, (outcomes.shape[1] as number) - 1]) as [Value]
  return neg(reshape(label, [outcomes.shape[0] as Dim]))
}

export const ce: LossRow = {
  name: 'ce',
  formula: '-log S[label]',
  weight: 'ce',
  feeds: () => [],
  perRow: crossEntropy,
}

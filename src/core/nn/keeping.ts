// What training keeps from the forward to the backward part; the rest is computed again, for the same numbers.
import type { OpName, Value } from '../tensor/index.ts'

/** Operations whose results cost about as much time to read as to compute again, and much memory to keep. */
const CHEAP: ReadonlySet<OpName> = new Set<OpName>([
  'mul', 'where', 'silu', 'gelu', 'rmsNorm', 'slice', 'split', 'concat', 'transpose', 'reshape',
])
/** Second output of `attend`. */
const PROBABILITIES = 1

/** Results of matrix products and sums are kept; norms, activations, gates, attention probabilities and copies in another order are not. */
export const keepsProducts = (value: Value): boolean =>
  !CHEAP.has(value.node.op) && !(value.node.op === 'attend' && value.output === PROBABILITIES)

/** The loss brings its gradient along. */
const HEAD: ReadonlySet<OpName> = new Set<OpName>(['chunkedRows', 'withGradient'])

/** Only the states between blocks are kept: each block is computed again as far as its gradient reads it. */
export function keepsStates(states: readonly Value[]): (value: Value) => boolean {
  const kept = new Set(states)
  return (value) => kept.has(value) || HEAD.has(value.node.op)
}

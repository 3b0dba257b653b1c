// The gated MLP of a block (SwiGLU, arXiv 2002.05202).
import { mul, silu, type Value } from '../tensor/index.ts'

/** down(silu(gate(x)) * up(x)); `apply` runs a linear layer by its tensor's name. */
export function gatedMlp(
  x: Value,
  names: { readonly gate: string; readonly up: string; readonly down: string },
  apply: (input: Value, name: string) => Value,
): Value {
  const gated = mul(silu(apply(x, names.gate)), apply(x, names.up))
  return apply(gated, names.down)
}

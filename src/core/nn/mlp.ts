// The gated MLP of a block (arXiv 2002.05202).
import { gelu, mul, silu, split, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { familyOf } from './tensors.ts'

const ACTIVATIONS = { silu, gelu } as const

/** down(activation(gate(x)) * up(x)); `apply` runs a linear layer by its tensor's name. */
export function gatedMlp(
  x: Value,
  names: { readonly gate: string; readonly up: string; readonly down: string },
  { config, apply }: { readonly config: ModelConfig; readonly apply: (input: Value, name: string) => Value },
): Value {
  const { activation, fused } = familyOf(config)
  const { inner } = config
  const [gate, up] = fused
    ? (split(apply(x, names.up), [inner, inner]) as [Value, Value])
    : [apply(x, names.gate), apply(x, names.up)]
  return apply(mul(ACTIVATIONS[activation](gate), up), names.down)
}

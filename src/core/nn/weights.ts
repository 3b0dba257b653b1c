// Where a graph's weights come from: frozen beside the graph, with adapters, or trained themselves.
import { add, frozen, matmul, trained, type Shape, type Value } from '../tensor/index.ts'
import { adapterOutput, type LoraConfig } from './lora.ts'
import type { Linear } from './tensors.ts'

export type Weights = {
  /** The leaf of a tensor. */
  readonly leaf: (name: string, shape: Shape) => Value
  /** A linear layer on x [rows, in], with its bias and its adapter. */
  readonly linear: (x: Value, layer: Linear) => Value
}

/** `null`: the student as it is; 'full': every weight is trained. */
export function weightsOf(training: LoraConfig | 'full' | null): Weights {
  const leaf = training === 'full' ? trained : frozen
  const lora = training === 'full' ? null : training
  return {
    leaf,
    linear: (x, layer) => {
      const plain = matmul(x, leaf(layer.name, [layer.out, layer.in]), { transposeB: true })
      const base = layer.bias ? add(plain, leaf(layer.bias, [layer.out])) : plain
      const adapter = lora && adapterOutput(x, layer, lora)
      return adapter ? add(base, adapter) : base
    },
  }
}

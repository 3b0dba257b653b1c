// Where a graph's weights come from: frozen beside the graph, with adapters, or trained themselves.
import { add, constant, feed, frozen, matmul, trained, where, type Shape, type Value } from '../tensor/index.ts'
import { adapterOutput, isAdapted, type LoraConfig } from './lora.ts'
import type { Linear } from './tensors.ts'

/** What is trained: adapters beside frozen weights, or every weight. */
export type Trainable = LoraConfig | 'full'

export type Weights = {
  /** The leaf of a tensor. */
  readonly leaf: (name: string, shape: Shape) => Value
  /** A linear layer on x [rows, in], with its bias and its adapter. */
  readonly linear: (x: Value, layer: Linear) => Value
}

/** Feed that says which elements of an adapter's input are kept. */
export const DROPOUT = '.dropout'

/** `null`: the student as it is. */
export function weightsOf(trainable: Trainable | null): Weights {
  const leaf = trainable === 'full' ? trained : frozen
  const lora = trainable === 'full' ? null : trainable
  const dropped = new Map<Value, Value>()
  /** Layers that read the same values share a mask; it is named after the first of them. */
  const drop = (x: Value, { name }: Linear): Value => {
    const known = dropped.get(x)
    if (known) return known
    const kept = where(feed(`${name}${DROPOUT}`, { shape: x.shape, dtype: 'bool' }), x, constant(0))
    dropped.set(x, kept)
    return kept
  }
  return {
    leaf,
    linear: (x, layer) => {
      const plain = matmul(x, leaf(layer.name, [layer.out, layer.in]), { transposeB: true })
      const base = layer.bias ? add(plain, leaf(layer.bias, [layer.out])) : plain
      if (!lora || !isAdapted(layer.name, lora)) return base
      return add(base, adapterOutput(lora.dropout ? drop(x, layer) : x, layer, lora))
    },
  }
}

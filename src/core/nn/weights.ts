// Where a graph's weights come from: frozen beside the graph, with adapters, or trained themselves.
import type { Random } from '../random.ts'
import { add, constant, feed, frozen, matmul, trained, where, type Shape, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { adapterOutput, isAdapted, loraMatrices, type LoraConfig, type TrainedTensor } from './lora.ts'
import { expectedTensors, kindOf, type Linear } from './tensors.ts'

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

/** All tensors that are trained, in a fixed order: the adapter's matrices, or every tensor of the model, vectors among them. */
export const trainedTensors = (config: ModelConfig, trainable: Trainable): TrainedTensor[] =>
  trainable === 'full'
    ? [...expectedTensors(config)].map(([name, shape]) => ({ name, shape }))
    : loraMatrices(config, trainable)

const SPREAD = 0.02
/** Layers whose results are added to what flows through all blocks. */
const RESIDUAL: readonly string[] = ['attn_output', 'ffn_down']

/**
 * Weights of a model that has learned nothing: norms 1, biases 0, all else normal with standard deviation 0.02, in the layers
 * that write to the residual stream divided by sqrt(2 layers) (GPT-2, section 2.3).
 */
export function initialWeights(config: ModelConfig, random: Random): Map<string, Float32Array> {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const values = ({ name, shape }: TrainedTensor): Float32Array => {
    const out = new Float32Array(shape.reduce((product, size) => product * size, 1))
    if (shape.length === 1) return out.fill(name.endsWith('.bias') ? 0 : 1)
    const spread = RESIDUAL.includes(kindOf(name)) ? SPREAD / Math.sqrt(2 * config.layers) : SPREAD
    return out.map(() => spread * normal())
  }
  return new Map(trainedTensors(config, 'full').map((tensor) => [tensor.name, values(tensor)]))
}

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

// Students with random weights for the self-test: one small enough for any provider, one with the shapes of real work.
import { writeGguf } from '../../../core/formats/gguf/index.ts'
import { expectedTensors, llamaMetadata, type ModelConfig } from '../../../core/nn/index.ts'
import { configOf } from '../../../core/pipeline/pretraining/index.ts'
import { createRandom } from '../../../core/random.ts'
import { writeFileAtomic } from '../../files/index.ts'

const shape = { tied: true, ropeBase: 10_000 } as const
const context = 2048
/** Grouped heads and several chunks' worth of nothing: every operator of the training graph, in a second on one core. */
export const SMALL: ModelConfig = configOf({ ...shape, layers: 2, width: 64, heads: 4, kvHeads: 2, inner: 128 }, { vocabulary: 96, context })
/** Blocks of a 135M student; four of thirty, and a part of its vocabulary, so that it is made and measured in seconds. */
export const REALISTIC: ModelConfig = configOf({ ...shape, layers: 4, width: 576, heads: 9, kvHeads: 3, inner: 1536 }, { vocabulary: 8192, context })

/** Norms near 1; the rest uniform with the variance that keeps activations near 1. */
function weights(shape: readonly number[], random: { next(): number }): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1)
  const [middle, bound] = shape.length === 1 ? [1, 0.2] : [0, Math.sqrt(3 / (shape[1] as number))]
  return Float32Array.from({ length: size }, () => middle + bound * (2 * random.next() - 1))
}

/** Values of every tensor, by name. The same ones every time. */
export function trialWeights(config: ModelConfig): Map<string, Float32Array> {
  const random = createRandom(7)
  return new Map([...expectedTensors(config)].map(([name, shape]) => [name, weights(shape, random)]))
}

/** Writes them as a student in F32. */
export function writeTrialModel(path: string, config: ModelConfig): void {
  const values = trialWeights(config)
  const tensors = [...expectedTensors(config)].map(([name, shape]) => ({
    name,
    type: 'F32' as const,
    shape,
    write: (sink: (bytes: Uint8Array) => void) => sink(new Uint8Array((values.get(name) as Float32Array).buffer)),
  }))
  writeFileAtomic(path, (sink) => writeGguf({ metadata: new Map(llamaMetadata(config)), tensors, sink }))
}

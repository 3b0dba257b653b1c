// Students with random weights for the self-test: one small enough for any provider, one with the shapes of real work.
import { writeGguf } from '../../../core/formats/gguf/index.ts'
import { llamaMetadata } from '../../../core/nn/index.ts'
import { createRandom } from '../../../core/random.ts'
import { writeFileAtomic } from '../../files/index.ts'

export type TrialShape = {
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly inner: number
  readonly vocabulary: number
}

/** Grouped heads and several chunks' worth of nothing: every operator of the training graph, in a second on one core. */
export const SMALL: TrialShape = { layers: 2, width: 64, heads: 4, kvHeads: 2, inner: 128, vocabulary: 96 }
/** Blocks of a 135M student; four of thirty, and a part of its vocabulary, so that it is made and measured in seconds. */
export const REALISTIC: TrialShape = { layers: 4, width: 576, heads: 9, kvHeads: 3, inner: 1536, vocabulary: 8192 }

function tensorsOf({ layers, width, heads, kvHeads, inner, vocabulary }: TrialShape): [name: string, shape: number[]][] {
  const kv = (width / heads) * kvHeads
  const block = (layer: number): [string, number[]][] => [
    [`blk.${layer}.attn_norm.weight`, [width]],
    [`blk.${layer}.attn_q.weight`, [width, width]],
    [`blk.${layer}.attn_k.weight`, [kv, width]],
    [`blk.${layer}.attn_v.weight`, [kv, width]],
    [`blk.${layer}.attn_output.weight`, [width, width]],
    [`blk.${layer}.ffn_norm.weight`, [width]],
    [`blk.${layer}.ffn_gate.weight`, [inner, width]],
    [`blk.${layer}.ffn_up.weight`, [inner, width]],
    [`blk.${layer}.ffn_down.weight`, [width, inner]],
  ]
  return [['token_embd.weight', [vocabulary, width]], ...Array.from({ length: layers }, (_, layer) => block(layer)).flat(), ['output_norm.weight', [width]]]
}

/** Norms near 1; the rest uniform with the variance that keeps activations near 1. */
function weights(shape: readonly number[], random: { next(): number }): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1)
  const [middle, bound] = shape.length === 1 ? [1, 0.2] : [0, Math.sqrt(3 / (shape[1] as number))]
  return Float32Array.from({ length: size }, () => middle + bound * (2 * random.next() - 1))
}

/** Writes a llama with tied head in F32. The same seed gives the same file. */
export function writeTrialModel(path: string, shape: TrialShape): void {
  const random = createRandom(7)
  const metadata = new Map(llamaMetadata({ ...shape, headSize: shape.width / shape.heads, epsilon: 1e-5, context: 2048 }))
  const tensors = tensorsOf(shape).map(([name, dims]) => ({
    name,
    type: 'F32' as const,
    shape: dims,
    write: (sink: (bytes: Uint8Array) => void) => sink(new Uint8Array(weights(dims, random).buffer)),
  }))
  writeFileAtomic(path, (sink) => writeGguf({ metadata, tensors, sink }))
}

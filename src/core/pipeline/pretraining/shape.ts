// The sizes of a model that is trained from nothing: a llama, named or given, and its config.
import { plainRope, type ModelConfig } from '../../nn/index.ts'
import type { ModelShape } from '../../../shared/contract/pretraining.ts'

export const SHAPES: Readonly<Record<'tiny' | 'small', ModelShape>> = {
  /** 0.2 million parameters with 512 tokens of vocabulary: for trials. */
  tiny: { layers: 2, width: 64, heads: 4, kvHeads: 2, inner: 192, tied: true, ropeBase: 10_000 },
  /** 5.3 million with 2,048. */
  small: { layers: 6, width: 256, heads: 8, kvHeads: 4, inner: 768, tied: true, ropeBase: 10_000 },
}

export const EPSILON = 1e-5

/** `context`: tokens of a window, beyond which the model has seen nothing. */
export function configOf(shape: ModelShape, { vocabulary, context }: { readonly vocabulary: number; readonly context: number }): ModelConfig {
  const { layers, width, heads, kvHeads, inner, tied, ropeBase } = shape
  const headSize = width / heads
  return {
    architecture: 'llama',
    layers, width, heads, kvHeads, headSize, inner, vocabulary,
    // As a file holds it.
    epsilon: Math.fround(EPSILON),
    scoreScale: 1 / Math.sqrt(headSize),
    rope: plainRope({ size: headSize, base: Math.fround(ropeBase) }),
    window: null,
    biases: [],
    tied,
    context,
  }
}

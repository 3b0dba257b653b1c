// What a llama's GGUF says of its sizes: the entries that `readModelConfig` reads back.
import type { GgufValue } from '../formats/gguf/index.ts'
import type { ModelConfig } from './config.ts'

type Sizes = Pick<ModelConfig, 'layers' | 'width' | 'heads' | 'kvHeads' | 'headSize' | 'inner' | 'epsilon' | 'context'>

/** In the order in which they are written, the architecture first. */
export function llamaMetadata(sizes: Sizes): [key: string, value: GgufValue][] {
  const u32 = (value: number): GgufValue => ({ type: 'u32', value })
  return [
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['llama.block_count', u32(sizes.layers)],
    ['llama.context_length', u32(sizes.context)],
    ['llama.embedding_length', u32(sizes.width)],
    ['llama.feed_forward_length', u32(sizes.inner)],
    ['llama.attention.head_count', u32(sizes.heads)],
    ['llama.attention.head_count_kv', u32(sizes.kvHeads)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'f32', value: sizes.epsilon }],
    ['llama.rope.dimension_count', u32(sizes.headSize)],
  ]
}

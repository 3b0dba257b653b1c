// Model families: what distinguishes one architecture from another. A new family is a new row.
import type { RopeLayout } from '../tensor/index.ts'

export type Family = {
  /** llama.cpp stores Q and K of some families with rows permuted, so that rotation pairs are neighbours. */
  readonly ropeLayout: RopeLayout
  /** Each query and key head is normed before it is turned. */
  readonly headNorms: boolean
  /** What attention and MLP give is normed, too, before it is added. */
  readonly postNorms: boolean
  /** Of the MLP's gate. */
  readonly activation: 'silu' | 'gelu'
  /** Token vectors are multiplied by sqrt(width). */
  readonly scaledEmbedding: boolean
  /** Query, key and value are one tensor, and gate and up another. */
  readonly fused: boolean
  /** Linear layers that may have a bias; where block 0 has one, all blocks must. */
  readonly biases: readonly string[]
  /** llama.cpp reads the file's own YaRN settings; for the others those of the paper hold. */
  readonly ownYarn: boolean
  /** Most layers see a window of the last tokens only, with a rotation of their own; values for what the file leaves open. */
  readonly windows: { readonly period: number; readonly ropeBase: number } | null
}

const LLAMA: Family = {
  ropeLayout: 'interleaved',
  headNorms: false,
  postNorms: false,
  activation: 'silu',
  scaledEmbedding: false,
  fused: false,
  biases: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'],
  ownYarn: false,
  windows: null,
}
const QWEN2: Family = { ...LLAMA, ropeLayout: 'halves', biases: ['attn_q', 'attn_k', 'attn_v'] }

/**
 * Keyed by the GGUF's `general.architecture`. What llama.cpp leaves out of a family is left out here, too, since it is what
 * serves the student: the sliding windows of Mistral 7B (a `llama` file) and of phi3.
 */
export const families: Readonly<Record<string, Family>> = {
  llama: LLAMA,
  mistral3: { ...LLAMA, ownYarn: true },
  qwen2: QWEN2,
  qwen3: { ...QWEN2, headNorms: true, biases: [] },
  gemma3: {
    ...QWEN2,
    headNorms: true,
    postNorms: true,
    activation: 'gelu',
    scaledEmbedding: true,
    biases: [],
    windows: { period: 6, ropeBase: 10_000 },
  },
  phi3: { ...QWEN2, fused: true, biases: [] },
}

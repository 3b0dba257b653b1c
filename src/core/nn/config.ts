// A model's dimensions and constants.
import type { Rope } from './rope.ts'

export type ModelConfig = {
  readonly architecture: string
  readonly layers: number
  /** Length of a token's vector. */
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly headSize: number
  /** Inner width of the gated MLP. */
  readonly inner: number
  readonly vocabulary: number
  readonly epsilon: number
  /** Factor of the products of queries and keys. */
  readonly scoreScale: number
  /** Of layers that see all tokens. */
  readonly rope: Rope
  /** Layers that see only their last `size` tokens, turned by `rope`: all but every `period`-th. */
  readonly window: { readonly size: number; readonly period: number; readonly rope: Rope } | null
  /** Linear layers with a bias, such as `attn_q`. */
  readonly biases: readonly string[]
  /** The LM head is the embedding. */
  readonly tied: boolean
  /** Tokens the model was made for, as far as its rotation stays the same. */
  readonly context: number
}

/** Whether a layer sees a window of the last tokens only. */
export const isWindowed = ({ window }: ModelConfig, layer: number): boolean =>
  window !== null && layer % window.period < window.period - 1

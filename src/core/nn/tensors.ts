// A model's tensors by their GGUF names: which there are and of which shapes.
import type { ModelConfig } from './config.ts'
import { families, type Family } from './families.ts'

export const TENSORS = {
  embedding: 'token_embd.weight',
  outputNorm: 'output_norm.weight',
  head: 'output.weight',
} as const

/** GGUF tensor names of one block. */
export const blockTensors = (layer: number) =>
  ({
    attentionNorm: `blk.${layer}.attn_norm.weight`,
    query: `blk.${layer}.attn_q.weight`,
    key: `blk.${layer}.attn_k.weight`,
    value: `blk.${layer}.attn_v.weight`,
    queryKeyValue: `blk.${layer}.attn_qkv.weight`,
    queryNorm: `blk.${layer}.attn_q_norm.weight`,
    keyNorm: `blk.${layer}.attn_k_norm.weight`,
    output: `blk.${layer}.attn_output.weight`,
    attentionPostNorm: `blk.${layer}.post_attention_norm.weight`,
    mlpNorm: `blk.${layer}.ffn_norm.weight`,
    gate: `blk.${layer}.ffn_gate.weight`,
    up: `blk.${layer}.ffn_up.weight`,
    down: `blk.${layer}.ffn_down.weight`,
    mlpPostNorm: `blk.${layer}.post_ffw_norm.weight`,
  }) as const

/** A linear layer with its weight [out, in]. */
export type Linear = {
  readonly name: string
  readonly out: number
  readonly in: number
  /** The bias [out], when there is one. */
  readonly bias: string | null
}

export function familyOf({ architecture }: Pick<ModelConfig, 'architecture'>): Family {
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined
  if (!family) throw new Error(`no family ${architecture}`)
  return family
}

/** `attn_q` of `blk.0.attn_q.weight`. */
export const kindOf = (tensor: string): string => tensor.split('.').at(-2) as string

/** Linear layers of a block with their sizes, in the order they run; each can carry an adapter. */
export function linearLayers(config: ModelConfig, layer: number): Linear[] {
  const t = blockTensors(layer)
  const { width, inner } = config
  const [q, kv] = [config.heads * config.headSize, config.kvHeads * config.headSize]
  const one = (name: string, out: number, columns: number): Linear => ({
    name,
    out,
    in: columns,
    bias: config.biases.includes(kindOf(name)) ? name.replace(/weight$/, 'bias') : null,
  })
  const { fused } = familyOf(config)
  const into = fused ? [one(t.queryKeyValue, q + 2 * kv, width)] : [one(t.query, q, width), one(t.key, kv, width), one(t.value, kv, width)]
  const gateAndUp = fused ? [one(t.up, 2 * inner, width)] : [one(t.gate, inner, width), one(t.up, inner, width)]
  return [...into, one(t.output, width, q), ...gateAndUp, one(t.down, width, inner)]
}

/** Shapes of every tensor the graph reads, by GGUF name. */
export const expectedTensors = (config: ModelConfig): Map<string, readonly number[]> => new Map(tensorShapes(config))

/** One by one, so that a number of layers that no file holds is never walked to its end. */
export function* tensorShapes(config: ModelConfig): Generator<[name: string, shape: readonly number[]]> {
  const { width, headSize } = config
  const { headNorms, postNorms } = familyOf(config)
  yield [TENSORS.embedding, [config.vocabulary, width]]
  for (let layer = 0; layer < config.layers; layer++) {
    const t = blockTensors(layer)
    for (const name of [t.attentionNorm, t.mlpNorm]) yield [name, [width]]
    if (headNorms) for (const name of [t.queryNorm, t.keyNorm]) yield [name, [headSize]]
    if (postNorms) for (const name of [t.attentionPostNorm, t.mlpPostNorm]) yield [name, [width]]
    for (const linear of linearLayers(config, layer)) {
      yield [linear.name, [linear.out, linear.in]]
      if (linear.bias) yield [linear.bias, [linear.out]]
    }
  }
  yield [TENSORS.outputNorm, [width]]
  if (!config.tied) yield [TENSORS.head, [config.vocabulary, width]]
}

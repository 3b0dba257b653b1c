// A model's dimensions and constants, read from its GGUF; what the engine cannot compute exactly is refused by name.
import { RetortError } from '../../shared/errors.ts'
import { metadataNumber, metadataString, type Gguf } from '../formats/gguf/index.ts'
import type { RopeLayout } from '../tensor/index.ts'
import { families } from './families.ts'

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
  readonly ropeBase: number
  readonly ropeLayout: RopeLayout
  /** The LM head is the embedding. */
  readonly tied: boolean
  /** Tokens the model was made for. */
  readonly context: number
}

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
    output: `blk.${layer}.attn_output.weight`,
    mlpNorm: `blk.${layer}.ffn_norm.weight`,
    gate: `blk.${layer}.ffn_gate.weight`,
    up: `blk.${layer}.ffn_up.weight`,
    down: `blk.${layer}.ffn_down.weight`,
  }) as const

/** Linear layers of a block with their sizes [out, in], in the order they run; each can carry an adapter. */
export function linearLayers(config: ModelConfig, layer: number): { name: string; out: number; in: number }[] {
  const t = blockTensors(layer)
  const { width, inner } = config
  const [q, kv] = [config.heads * config.headSize, config.kvHeads * config.headSize]
  return [
    { name: t.query, out: q, in: width },
    { name: t.key, out: kv, in: width },
    { name: t.value, out: kv, in: width },
    { name: t.output, out: width, in: q },
    { name: t.gate, out: inner, in: width },
    { name: t.up, out: inner, in: width },
    { name: t.down, out: width, in: inner },
  ]
}

/** Shapes of every tensor the graph reads, by GGUF name. */
export const expectedTensors = (config: ModelConfig): Map<string, readonly number[]> => new Map(tensorShapes(config))

/** One by one, so that a number of layers that no file holds is never walked to its end. */
function* tensorShapes(config: ModelConfig): Generator<[name: string, shape: readonly number[]]> {
  yield [TENSORS.embedding, [config.vocabulary, config.width]]
  for (let layer = 0; layer < config.layers; layer++) {
    const { attentionNorm, mlpNorm } = blockTensors(layer)
    yield [attentionNorm, [config.width]]
    yield [mlpNorm, [config.width]]
    for (const linear of linearLayers(config, layer)) yield [linear.name, [linear.out, linear.in]]
  }
  yield [TENSORS.outputNorm, [config.width]]
  if (!config.tied) yield [TENSORS.head, [config.vocabulary, config.width]]
}

const unsupported = (gguf: Gguf, found: string, expected: string): RetortError =>
  new RetortError({
    code: 'unsupported-model',
    message: 'this student cannot be trained',
    where: gguf.name,
    found,
    expected,
  })

/** Reads and checks the config. Throws RetortError `unsupported-model`, naming the feature or tensor. */
export function readModelConfig(gguf: Gguf): ModelConfig {
  const architecture = metadataString(gguf, 'general.architecture')
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined
  const supported = Object.keys(families).join(', ')
  if (!family) throw unsupported(gguf, `architecture ${architecture}`, `one of: ${supported}`)
  const number = (key: string, fallback?: number): number => metadataNumber(gguf, `${architecture}.${key}`, fallback)

  const scaling = metadataString(gguf, `${architecture}.rope.scaling.type`, 'none')
  if (scaling !== 'none') throw unsupported(gguf, `rope scaling ${scaling}`, 'rope without scaling')
  if (number('expert_count', 0) > 0) throw unsupported(gguf, 'a mixture of experts', 'a dense model')

  const heads = number('attention.head_count')
  const width = number('embedding_length')
  const headSize = number('attention.key_length', width / heads)
  const rotated = number('rope.dimension_count', headSize)
  if (rotated !== headSize) throw unsupported(gguf, `rope over ${rotated} of ${headSize} dimensions`, 'rope over whole heads')
  if (number('attention.value_length', headSize) !== headSize)
    throw unsupported(gguf, 'value heads unlike key heads', 'heads of one size')

  const config: ModelConfig = {
    architecture,
    layers: number('block_count'),
    width,
    heads,
    kvHeads: number('attention.head_count_kv', heads),
    headSize,
    inner: number('feed_forward_length'),
    vocabulary: gguf.tensors.get(TENSORS.embedding)?.shape[0] ?? 0,
    epsilon: number('attention.layer_norm_rms_epsilon'),
    ropeBase: number('rope.freq_base', 10_000),
    ropeLayout: family.ropeLayout,
    tied: !gguf.tensors.has(TENSORS.head),
    context: number('context_length'),
  }
  checkNumbers(gguf, config)
  checkTensors(gguf, config)
  return config
}

const COUNTS = ['layers', 'width', 'heads', 'kvHeads', 'headSize', 'inner', 'vocabulary', 'context'] as const
const REALS = ['epsilon', 'ropeBase'] as const

function checkNumbers(gguf: Gguf, config: ModelConfig): void {
  for (const name of COUNTS) {
    if (!(Number.isSafeInteger(config[name]) && config[name] > 0))
      throw unsupported(gguf, `${name} ${config[name]}`, 'a positive whole number')
  }
  for (const name of REALS) {
    if (!(Number.isFinite(config[name]) && config[name] > 0))
      throw unsupported(gguf, `${name} ${config[name]}`, 'a positive number')
  }
  const { heads, kvHeads, headSize } = config
  if (heads % kvHeads !== 0) throw unsupported(gguf, `${heads} heads over ${kvHeads} kvHeads`, 'heads a multiple of kvHeads')
  if (headSize % 2 !== 0) throw unsupported(gguf, `headSize ${headSize}`, 'an even number: rotation turns pairs')
}

/** Stops at the first tensor that is missing or of another shape. */
function checkTensors(gguf: Gguf, config: ModelConfig): void {
  const expected = new Set<string>()
  for (const [name, shape] of tensorShapes(config)) {
    const found = gguf.tensors.get(name)
    if (!found) throw unsupported(gguf, `no tensor ${name}`, `${name} [${shape}]`)
    if (found.shape.join() !== shape.join()) throw unsupported(gguf, `${name} [${found.shape}]`, `${name} [${shape}]`)
    expected.add(name)
  }
  for (const name of gguf.tensors.keys()) {
    // Ignoring a tensor (a bias, a q/k norm, rope factors) would train another model than the one that is served.
    if (!expected.has(name)) throw unsupported(gguf, `tensor ${name}`, `only the tensors of ${config.architecture}`)
  }
}

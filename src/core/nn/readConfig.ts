// A model's dimensions and constants, read from its GGUF; what the engine cannot compute exactly is refused by name.
import { RetortError } from '../../shared/errors.ts'
import { metadataNumber, metadataString, readTensorF32, type Gguf } from '../formats/gguf/index.ts'
import type { ByteSource } from '../ports/index.ts'
import type { ModelConfig } from './config.ts'
import { families, type Family } from './families.ts'
import { exactContext, plainRope, ROPE_FACTORS, ROPE_SCALINGS, ropeScaling, scaledRope } from './rope.ts'
import { TENSORS, tensorShapes } from './tensors.ts'

const unsupported = (gguf: Gguf, found: string, expected: string): RetortError =>
  new RetortError({
    code: 'unsupported-model',
    message: 'this student cannot be trained',
    where: gguf.name,
    found,
    expected,
  })

/** Entries that would change what a model computes, with the value that does not, for all families. */
const NEUTRAL: Readonly<Record<string, { readonly value: number; readonly means: string }>> = {
  expert_count: { value: 0, means: 'a mixture of experts' },
  'attention.scale': { value: 0, means: 'an attention scale of its own' },
  attn_logit_softcapping: { value: 0, means: 'soft capping of attention scores' },
  final_logit_softcapping: { value: 0, means: 'soft capping of logits' },
  logit_scale: { value: 0, means: 'scaled logits' },
  residual_scale: { value: 0, means: 'scaled residuals' },
  embedding_scale: { value: 0, means: 'an embedding scale of its own' },
  'attention.clamp_kqv': { value: 0, means: 'clamped queries, keys and values' },
  'rope.scaling.alpha': { value: 0, means: 'rope scaling by alpha' },
  'rope.scaling.yarn_ext_factor': { value: 1, means: 'a YaRN mix of its own' },
  'rope.scaling.yarn_attn_factor': { value: 1, means: 'a YaRN attention factor of its own' },
}

type Reading = { readonly gguf: Gguf; readonly source: ByteSource; readonly architecture: string; readonly family: Family }

/**
 * Reads and checks the config; of `source`, the file itself, only rope factors are read. Throws RetortError
 * `unsupported-model`, naming the feature or tensor.
 */
export function readModelConfig(gguf: Gguf, source: ByteSource): ModelConfig {
  const architecture = metadataString(gguf, 'general.architecture')
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined
  const supported = Object.keys(families).join(', ')
  if (!family) throw unsupported(gguf, `architecture ${architecture}`, `one of: ${supported}`)
  const embedding = gguf.tensors.get(TENSORS.embedding)
  if (!embedding) throw unsupported(gguf, `no tensor ${TENSORS.embedding}`, `${TENSORS.embedding} [vocabulary, width]`)
  const number = (key: string, fallback?: number): number => metadataNumber(gguf, `${architecture}.${key}`, fallback)
  for (const [key, { value, means }] of Object.entries(NEUTRAL)) {
    if (number(key, value) !== value) throw unsupported(gguf, `${means} (${architecture}.${key} ${number(key)})`, `none (${value})`)
  }

  const heads = number('attention.head_count')
  const width = number('embedding_length')
  const headSize = number('attention.key_length', width / heads)
  if (number('attention.value_length', headSize) !== headSize)
    throw unsupported(gguf, 'value heads unlike key heads', 'heads of one size')

  const layers = number('block_count')
  const rotation = rotationOf({ gguf, source, architecture, family }, headSize)
  const config: ModelConfig = {
    architecture,
    layers,
    width,
    heads,
    kvHeads: number('attention.head_count_kv', heads),
    headSize,
    inner: number('feed_forward_length'),
    vocabulary: embedding.shape[0] ?? 0,
    epsilon: number('attention.layer_norm_rms_epsilon'),
    scoreScale: 1 / Math.sqrt(architecture === 'gemma3' && layers === GEMMA3_27B_LAYERS ? width / heads : headSize),
    ...rotation,
    biases: family.biases.filter((kind) => gguf.tensors.has(`blk.0.${kind}.bias`)),
    tied: !gguf.tensors.has(TENSORS.head),
  }
  checkNumbers(gguf, config)
  checkTensors(gguf, config)
  return config
}

/** The one gemma3 whose query scale is not that of its head size; llama.cpp, too, knows it by its layers. */
const GEMMA3_27B_LAYERS = 62

function rotationOf(reading: Reading, headSize: number): Pick<ModelConfig, 'rope' | 'window' | 'context'> {
  const { gguf, architecture, family } = reading
  const number = (key: string, fallback?: number): number => metadataNumber(gguf, `${architecture}.${key}`, fallback)
  if (!(Number.isSafeInteger(headSize) && headSize > 0 && headSize % 2 === 0))
    throw unsupported(gguf, `headSize ${headSize}`, 'a positive even number: rotation turns pairs')
  const size = number('rope.dimension_count', headSize)
  const wholeHeads = family.ropeLayout === 'interleaved'
  if (!(Number.isInteger(size / 2) && size > 0 && size <= headSize) || (wholeHeads && size !== headSize)) {
    const expected = wholeHeads ? 'rope over whole heads' : 'an even part of them'
    throw unsupported(gguf, `rope over ${size} of ${headSize} dimensions`, expected)
  }
  const base = positive(gguf, 'rope base', number('rope.freq_base', 10_000))
  const context = number('context_length')
  const scaling = ropeScaling(gguf, architecture)
  if (!ROPE_SCALINGS.includes(scaling)) throw unsupported(gguf, `rope scaling ${scaling} (${architecture}.rope.scaling.type)`, `one of: ${ROPE_SCALINGS.join(', ')}`)
  const factors = ropeFactors(reading, size / 2)
  const rope = scaledRope({ gguf, architecture, size, base, factors, context, ownYarn: family.ownYarn })
  return { rope, window: windowOf(reading, size), context: exactContext(gguf) }
}

function windowOf({ gguf, architecture, family }: Reading, size: number): ModelConfig['window'] {
  const key = (name: string): string => `${architecture}.${name}`
  const window = family.windows === null ? 0 : metadataNumber(gguf, key('attention.sliding_window'), 0)
  if (family.windows === null || window === 0) return null
  const pattern = key('attention.sliding_window_pattern')
  if (gguf.metadata.get(pattern)?.type === 'array') throw unsupported(gguf, `${pattern} as a list`, 'a number of layers')
  const period = metadataNumber(gguf, pattern, family.windows.period)
  if (!(Number.isInteger(period) && period > 0 && Number.isInteger(window) && window > 0))
    throw unsupported(gguf, `a window of ${window} tokens in a pattern of ${period} layers`, 'positive whole numbers')
  const base = positive(gguf, 'rope base of windows', metadataNumber(gguf, key('rope.freq_base_swa'), family.windows.ropeBase))
  return { size: window, period, rope: plainRope({ size, base }) }
}

/** The divisors that the file holds for its frequencies: those of every context (llama3), or of the original one (longrope). */
function ropeFactors({ gguf, source }: Reading, pairs: number): Float32Array | null {
  const found = gguf.tensors.get(ROPE_FACTORS.all) ?? gguf.tensors.get(ROPE_FACTORS.short)
  if (!found) {
    if (gguf.tensors.has(ROPE_FACTORS.long)) throw unsupported(gguf, `${ROPE_FACTORS.long} alone`, `${ROPE_FACTORS.short} beside it`)
    return null
  }
  if (found.shape.join() !== String(pairs)) throw unsupported(gguf, `${found.name} [${found.shape}]`, `${found.name} [${pairs}]`)
  const factors = readTensorF32(source, found)
  for (const factor of factors) positive(gguf, found.name, factor)
  return factors
}

function positive(gguf: Gguf, name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value
  throw unsupported(gguf, `${name} ${value}`, 'a positive number')
}

const COUNTS = ['layers', 'width', 'heads', 'kvHeads', 'headSize', 'inner', 'vocabulary', 'context'] as const

function checkNumbers(gguf: Gguf, config: ModelConfig): void {
  for (const name of COUNTS) {
    if (!(Number.isSafeInteger(config[name]) && config[name] > 0))
      throw unsupported(gguf, `${name} ${config[name]}`, 'a positive whole number')
  }
  positive(gguf, 'epsilon', config.epsilon)
  if (![...config.rope.frequencies, config.rope.magnitude].every((x) => Number.isFinite(x) && x > 0))
    throw unsupported(gguf, 'a rope scaling without finite frequencies', 'positive factors')
  const { heads, kvHeads } = config
  if (heads % kvHeads !== 0) throw unsupported(gguf, `${heads} heads over ${kvHeads} kvHeads`, 'heads a multiple of kvHeads')
}

/** Stops at the first tensor that is missing or of another shape. */
function checkTensors(gguf: Gguf, config: ModelConfig): void {
  const expected = new Set<string>(Object.values(ROPE_FACTORS))
  for (const [name, shape] of tensorShapes(config)) {
    const found = gguf.tensors.get(name)
    if (!found) throw unsupported(gguf, `no tensor ${name}`, `${name} [${shape}]`)
    if (found.shape.join() !== shape.join()) throw unsupported(gguf, `${name} [${found.shape}]`, `${name} [${shape}]`)
    expected.add(name)
  }
  for (const name of gguf.tensors.keys()) {
    // Ignoring a tensor (a bias, a q/k norm) would train another model than the one that is served.
    if (!expected.has(name)) throw unsupported(gguf, `tensor ${name}`, `only the tensors of ${config.architecture}`)
  }
}

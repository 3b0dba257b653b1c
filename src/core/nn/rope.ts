// Rotary position embedding (arXiv 2104.09864, section 3.2.2): the frequencies that a file asks for, and tables of angles.
// Scalings as llama.cpp computes them: ggml_rope_yarn in ggml-cpu/ops.cpp, llama_context's and llama_model's rope settings.
import type { Gguf } from '../formats/gguf/index.ts'
import { metadataNumber, metadataString } from '../formats/gguf/index.ts'

/** Divisors of the rotation's frequencies; read with the config, not by the graph. */
export const ROPE_FACTORS = { all: 'rope_freqs.weight', short: 'rope_factors_short.weight', long: 'rope_factors_long.weight' } as const

export type Rope = {
  /** Radians a position of each pair of dimensions. Fewer pairs than half a head: the rest of the head is not turned. */
  readonly frequencies: readonly number[]
  /** Factor of cos and sin; 1 except where a scaling makes up for the longer context. */
  readonly magnitude: number
}

/** cos and sin [positions, pairs], row-major. */
export function ropeTables({ frequencies, magnitude }: Rope, positions: readonly number[]): { cos: Float32Array; sin: Float32Array } {
  const pairs = frequencies.length
  const cos = new Float32Array(positions.length * pairs)
  const sin = new Float32Array(positions.length * pairs)
  positions.forEach((position, row) => {
    frequencies.forEach((frequency, i) => {
      cos[row * pairs + i] = magnitude * Math.cos(position * frequency)
      sin[row * pairs + i] = magnitude * Math.sin(position * frequency)
    })
  })
  return { cos, sin }
}

export type RopeSource = {
  readonly gguf: Gguf
  readonly architecture: string
  /** Rotated dimensions of a head. */
  readonly size: number
  readonly base: number
  /** Divisors of the frequencies, one a pair (llama3, longrope). */
  readonly factors: ArrayLike<number> | null
  /** The model's context. */
  readonly context: number
  /** Whether the file's own YaRN settings count; else those of the paper. */
  readonly ownYarn: boolean
}

/** base^(-2 i / size), slowed down as `scale` says. */
export const plainRope = ({ size, base }: Pick<RopeSource, 'size' | 'base'>): Rope => ({
  frequencies: Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size)),
  magnitude: 1,
})

/** The context that the model was trained with before its rotation was scaled. */
const originalContext = ({ gguf, architecture, context }: Pick<RopeSource, 'gguf' | 'architecture' | 'context'>): number =>
  metadataNumber(gguf, `${architecture}.rope.scaling.original_context_length`, 0) || context

/**
 * Tokens up to which a model computes the same whatever context it is opened with: beyond the original one longrope turns by
 * other factors, and Mistral 3 sharpens its attention.
 */
export function exactContext(gguf: Gguf): number {
  const architecture = metadataString(gguf, 'general.architecture')
  const context = metadataNumber(gguf, `${architecture}.context_length`)
  const sharpens = metadataNumber(gguf, `${architecture}.attention.temperature_scale`, 0) !== 0
  const changes = sharpens || gguf.tensors.has(ROPE_FACTORS.long)
  return changes ? Math.min(context, originalContext({ gguf, architecture, context })) : context
}

/** Kinds of scaling: whether fast pairs keep their frequency (YaRN), or all are slowed down alike. */
const SCALINGS: Readonly<Record<string, 'none' | 'all' | 'slow-pairs'>> = {
  none: 'none',
  linear: 'all',
  longrope: 'all',
  yarn: 'slow-pairs',
}
export const ROPE_SCALINGS = Object.keys(SCALINGS)

export const ropeScaling = (gguf: Gguf, architecture: string): string =>
  metadataString(gguf, `${architecture}.rope.scaling.type`, 'linear')

/** The rotation as the file's metadata ask for it; the scaling must be one of ROPE_SCALINGS. */
export function scaledRope(source: RopeSource): Rope {
  const { gguf, architecture, factors, ownYarn } = source
  const number = (key: string, fallback: number): number => metadataNumber(gguf, `${architecture}.rope.${key}`, fallback)
  const kind = SCALINGS[ropeScaling(gguf, architecture)] as 'none' | 'all' | 'slow-pairs'
  const factor = kind === 'none' ? 1 : number('scaling.factor', number('scale_linear', 0)) || 1
  const yarn: Lookup = (key, fallback) => (ownYarn ? number(`scaling.yarn_${key}`, fallback) : fallback)
  const slowed = kind === 'slow-pairs' ? yarnShares(source, yarn) : () => 1
  const divided = (frequency: number, i: number): number => frequency / (factors?.[i] ?? 1)
  const frequencies = plainRope(source).frequencies.map((frequency, i) => {
    const share = slowed(i)
    return divided(frequency, i) * (share / factor + 1 - share)
  })
  const magnitude = number('scaling.attn_factor', 1) * (kind === 'slow-pairs' ? yarnMagnitude(factor, yarn) : 1)
  return { frequencies, magnitude }
}

type Lookup = (key: string, fallback: number) => number

/** YaRN (arXiv 2309.00071, section 3.2): how much of each pair's frequency is scaled, 0 for fast pairs to 1 for slow ones. */
function yarnShares(source: RopeSource, yarn: Lookup): (pair: number) => number {
  const { size, base } = source
  const original = originalContext(source)
  // The pair that makes so many turns within the original context.
  const pairOf = (turns: number): number => (size * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(base))
  const low = Math.max(0, Math.floor(pairOf(yarn('beta_fast', 32))))
  const high = Math.min(size - 1, Math.ceil(pairOf(yarn('beta_slow', 1))))
  return (pair) => Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)))
}

/** 0.1 ln(factor) + 1; with a log multiplier (DeepSeek, Mistral 3) divided by 0.1 multiplier ln(factor) + 1. */
function yarnMagnitude(factor: number, yarn: Lookup): number {
  const growth = (multiplier: number): number => (factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1)
  return growth(1) / growth(yarn('log_multiplier', 0))
}

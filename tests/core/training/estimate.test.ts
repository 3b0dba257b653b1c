// The estimate of a trainer's peak against peaks that were measured (VmHWM; docs/log.md, weights in codes).
import { expect, test } from 'vitest'
import { readGguf, writeGguf, type GgmlTypeName, type GgufTensorInput, type GgufValue } from '../../../src/core/formats/gguf/index.ts'
import { expectedTensors, plainRope, type LossTerm, type ModelConfig } from '../../../src/core/nn/index.ts'
import { estimateMemory, weightBytes, type Base } from '../../../src/core/pipeline/training/index.ts'
import { bytesSource, collect } from '../../support/bytes.ts'

type Sizes = Pick<ModelConfig, 'layers' | 'width' | 'heads' | 'kvHeads' | 'inner' | 'vocabulary'>
const configOf = (sizes: Sizes): ModelConfig => ({
  ...sizes,
  architecture: 'llama',
  headSize: sizes.width / sizes.heads,
  epsilon: 1e-5,
  scoreScale: 1,
  rope: plainRope({ size: sizes.width / sizes.heads, base: 10_000 }),
  window: null,
  biases: [],
  tied: true,
  context: 8192,
})

const STUDENTS = {
  'SmolLM2-135M': { layers: 30, width: 576, heads: 9, kvHeads: 3, inner: 1536, vocabulary: 49152 },
  '29M': { layers: 8, width: 512, heads: 8, kvHeads: 4, inner: 1536, vocabulary: 8192 },
  '398M': { layers: 24, width: 1024, heads: 16, kvHeads: 4, inner: 4096, vocabulary: 32000 },
  '1.5B': { layers: 28, width: 1536, heads: 12, kvHeads: 2, inner: 8960, vocabulary: 151936 },
} as const satisfies Record<string, Sizes>
type Name = keyof typeof STUDENTS

/** Bytes of the weights of random students in Q4_K: 4 bits and two float32 numbers a group of 32; of SmolLM2 as its file has them. */
function weightsOf(name: Name): { f32: number; quantised: number } {
  if (name === 'SmolLM2-135M') return { f32: 538e6, quantised: 112e6 }
  const shapes = [...expectedTensors(configOf(STUDENTS[name])).values()]
  const count = (rank: number): number => shapes.filter((shape) => shape.length === rank).reduce((sum, shape) => sum + shape.reduce((n, d) => n * d, 1), 0)
  return { f32: 4 * (count(1) + count(2)), quantised: 4 * count(1) + 0.75 * count(2) }
}

type Measured = readonly [name: Name, tokens: number, base: Base, recompute: boolean, rank: number, supervised: number, gigabytes: number]
const MEASURED: readonly Measured[] = [
  ['SmolLM2-135M', 16, 'f32', true, 16, 1, 0.933],
  ['SmolLM2-135M', 256, 'f32', true, 16, 1, 1.03],
  ['SmolLM2-135M', 256, 'quantised', true, 16, 1, 0.943],
  ['SmolLM2-135M', 512, 'f32', false, 16, 1, 1.455],
  ['SmolLM2-135M', 512, 'quantised', false, 16, 1, 1.302],
  ['SmolLM2-135M', 1024, 'f32', true, 16, 0.3, 1.234],
  ['29M', 128, 'quantised', false, 16, 1, 0.352],
  ['29M', 1024, 'f32', false, 16, 1, 0.782],
  ['29M', 2048, 'f32', false, 16, 0.3, 1.182],
  ['29M', 2048, 'quantised', true, 16, 0.3, 0.893],
  ['398M', 256, 'f32', false, 16, 1, 2.41],
  ['398M', 256, 'quantised', true, 16, 1, 1.298],
  ['398M', 512, 'quantised', false, 32, 0.3, 2.095],
  ['1.5B', 256, 'quantised', true, 16, 1, 4.961],
]

const PLAIN = { terms: [], projectGradients: false, exampleTokens: 0, distributionBytes: 0, besides: { heldoutTokens: 0, whileTraining: false, samples: null } }

test.each(MEASURED)('%s, %i tokens, %s, recompute %s, rank %i, supervised %d: within 15 % of %d GB', (name, tokens, base, recompute, rank, supervised, gigabytes) => {
  const estimate = estimateMemory({
    config: configOf(STUDENTS[name]),
    weights: weightsOf(name),
    trainable: { rank, alpha: 32 },
    recompute,
    base,
    passes: [{ tokens, rows: Math.round(tokens * supervised) - 1 }],
    ...PLAIN,
  })
  expect(Math.abs(estimate.bytes / 1e9 / gigabytes - 1)).toBeLessThan(0.15)
})

type Besides = Parameters<typeof estimateMemory>[0]['besides']
const NOTHING: Besides = PLAIN.besides
const term = (source: 'teacher' | 'base'): LossTerm => ({ source, loss: 'forwardKl', given: { kind: 'top', k: 32 }, beta: 0, temperature: 1 })
const scored: Besides = { heldoutTokens: 512, whileTraining: true, samples: null }
/** Of runs of the product, largest pass and supervised rows as planned (docs/log.md, what a run costs). */
const RUNS: readonly (readonly [what: string, change: Partial<Parameters<typeof estimateMemory>[0]>, gigabytes: number])[] = [
  ['plain', { passes: [{ tokens: 456, rows: 347 }] }, 1.371],
  ['held-out curve', { passes: [{ tokens: 468, rows: 348 }], besides: scored }, 1.918],
  ['teacher and stay-close', { passes: [{ tokens: 240, rows: 180 }], terms: [term('teacher'), term('base')] }, 1.109],
  ['projected gradients', { passes: [{ tokens: 456, rows: 347 }], projectGradients: true }, 1.318],
  ['samples', { passes: [{ tokens: 256, rows: 107 }], besides: { ...NOTHING, samples: { fileBytes: 98e6, context: 200 } } }, 1.33],
  ['rank 64', { passes: [{ tokens: 192, rows: 127 }], trainable: { rank: 64, alpha: 32 } }, 1.279],
  ['quantised, held-out curve', { base: 'quantised', passes: [{ tokens: 256, rows: 107 }], besides: scored }, 1.381],
  ['quantised, teacher', { base: 'quantised', passes: [{ tokens: 240, rows: 180 }], terms: [term('teacher')] }, 0.935],
  ['recomputed', { recompute: true, passes: [{ tokens: 640, rows: 485 }] }, 1.196],
]
test.each(RUNS)('a run with %s: within 15 %% of its peak', (_, change, gigabytes) => {
  const weights = weightsOf('SmolLM2-135M')
  const question = { config: configOf(STUDENTS['SmolLM2-135M']), weights, trainable: { rank: 16, alpha: 32 }, recompute: false, base: 'f32' as const, passes: [], ...PLAIN, ...change }
  const { bytes, mappedTwice } = estimateMemory(question)
  expect(Math.abs(bytes / 1e9 / gigabytes - 1)).toBeLessThan(0.15)
  // A second graph over the same weights maps them again.
  expect(mappedTwice).toBe(change.besides?.whileTraining ? weights[question.base] : 0)
})

test('all weights trained: nothing lies frozen beside the graph, and every number has its moments', () => {
  const config = configOf(STUDENTS['29M'])
  const lora = { config, weights: weightsOf('29M'), trainable: { rank: 16, alpha: 32 }, recompute: false, base: 'f32' as const, passes: [{ tokens: 256, rows: 255 }], ...PLAIN }
  const [full, adapter] = [estimateMemory({ ...lora, trainable: 'full' }).bytes, estimateMemory(lora).bytes]
  const numbers = weightsOf('29M').f32 / 4
  expect(full - adapter).toBeGreaterThan(12 * numbers)
})

test('bytes of the weights follow from the types in the file', () => {
  const matrix = (name: string, type: GgmlTypeName, bytes: number): GgufTensorInput => ({ name, type, shape: [2, 256], write: (sink) => sink(new Uint8Array(bytes)) })
  const metadata = new Map<string, GgufValue>([['general.architecture', { type: 'string', value: 'llama' }]])
  const tensors = [
    matrix('q4k', 'Q4_K', 288),
    matrix('q8', 'Q8_0', 544),
    matrix('half', 'F16', 1024),
    { name: 'norm', type: 'F32' as const, shape: [8], write: (sink: (bytes: Uint8Array) => void) => sink(new Uint8Array(32)) },
  ]
  const gguf = readGguf(bytesSource(collect((sink) => writeGguf({ metadata, tensors, sink }))))
  // 512 values each: halves of bytes, scales and minima of groups of 32; bytes and scales; two bytes each; the vector as float32.
  const [q4k, q8, half, norm] = [256 + 16 * 8, 512 + 16 * 4, 1024, 32]
  expect(weightBytes(gguf)).toEqual({ f32: 3 * 2048 + norm, quantised: q4k + q8 + half + norm })
})

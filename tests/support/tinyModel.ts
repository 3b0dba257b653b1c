// A model of two small blocks with random weights, and examples for it: what the training loop needs to run in the interpreter.
import { expectedTensors, plainRope, type ModelConfig } from '../../src/core/nn/index.ts'
import { ndarray, type NdArray } from '../../src/core/tensor/index.ts'
import type { MaskedExample, TokenKind } from '../../src/shared/records/example.ts'
import { random } from './random.ts'

export const TINY: ModelConfig = {
  architecture: 'llama',
  layers: 2,
  width: 8,
  heads: 2,
  kvHeads: 1,
  headSize: 4,
  inner: 12,
  vocabulary: 23,
  epsilon: 1e-5,
  scoreScale: 1 / 2,
  rope: plainRope({ size: 4, base: 10_000 }),
  window: null,
  biases: [],
  tied: true,
  context: 64,
}

/** Weights by GGUF name, norms near 1. */
export function tinyWeights(config: ModelConfig = TINY, seed = 5): Map<string, NdArray> {
  const next = random(seed)
  return new Map(
    [...expectedTensors(config)].map(([name, shape]) => {
      const size = shape.reduce((product, n) => product * n, 1)
      const [middle, spread] = name.endsWith('norm.weight') ? [1, 0.2] : [0, 1]
      return [name, ndarray(shape, Float32Array.from({ length: size }, () => middle + spread * (2 * next() - 1)))]
    }),
  )
}

const CYCLE: readonly TokenKind[] = ['context', 'reason', 'act', 'final', 'end']
const PARTS = { context: 'none', reason: 'thought', act: 'scaffold', final: 'answer', end: 'end', observe: 'none' } as const

/** Masked examples of the given lengths: random ids, kinds in runs, uneven weights; the first token is never a target. */
export function madeExamples(lengths: readonly number[], { vocabulary, seed }: { vocabulary: number; seed: number }): MaskedExample[] {
  const next = random(seed)
  return lengths.map((length, index) => {
    const kinds = Array.from({ length }, (_, t) => CYCLE[Math.floor(t / 3) % CYCLE.length] as TokenKind)
    const weights = kinds.map((kind, t) => (t === 0 || kind === 'context' ? 0 : 0.5 + Math.round(4 * next()) / 4))
    return {
      id: `example-${index}`,
      trajectoryId: `example-${index}`,
      ids: Array.from({ length }, () => Math.floor(next() * vocabulary)),
      kinds,
      parts: kinds.map((kind) => PARTS[kind]),
      steps: kinds.map(() => 0),
      ce: weights,
      kl: kinds.map(() => 0),
      own: 0,
      straddling: 0,
    }
  })
}

// A LoRA adapter in memory, as training leaves it and as the exports take it.
import { RetortError } from '../../../shared/errors.ts'

/** One adapted linear: y = W x + scale B (A x). Both matrices row-major. */
export type LoraMatrices = {
  /** A: [rank, in]. */
  readonly a: Float32Array
  /** B: [out, rank], rows in the order of the GGUF file's weight. */
  readonly b: Float32Array
  readonly in: number
  readonly out: number
}

export type Adapter = {
  readonly rank: number
  /** The scale is alpha / rank, or alpha / sqrt(rank) when rank-stabilised (arXiv 2312.03732). */
  readonly alpha: number
  readonly rankStable?: true
  /** Share of its inputs that was dropped in training; nothing is when it is served. */
  readonly dropout?: number
  /** Optimiser steps behind it, where that is known. */
  readonly step?: number
  /** `general.architecture` of the student. */
  readonly architecture: string
  /** By GGUF tensor name, e.g. `blk.0.attn_q.weight`. */
  readonly matrices: ReadonlyMap<string, LoraMatrices>
}

/** A file is sound as a container but holds no adapter that can be used as asked. */
export class AdapterError extends RetortError {
  override readonly name = 'AdapterError'
  constructor(where: string, problem: { found: string; expected: string }) {
    super({ code: 'adapter', message: `${where}: found ${problem.found}; expected ${problem.expected}`, where, ...problem })
  }
}

/** Halves of the matrices as a file holds them, before they are paired. */
export type LoraHalves = {
  a?: { data: Float32Array; shape: readonly number[] }
  b?: { data: Float32Array; shape: readonly number[] }
}

/** Pairs A and B of each tensor and checks that all have one rank; `where` names the file in errors. */
export function pairMatrices(
  halves: ReadonlyMap<string, LoraHalves>,
  where: string,
): { rank: number; matrices: Map<string, LoraMatrices> } {
  const matrices = new Map<string, LoraMatrices>()
  let rank: number | undefined
  for (const [name, { a, b }] of halves) {
    const fail = (found: string, expected: string): never => {
      throw new AdapterError(where, { found: `${found} for ${name}`, expected })
    }
    if (!a || !b) return fail(a ? 'only A' : 'only B', 'both A and B')
    const [rows = 0, columns = 0] = a.shape
    const [out = 0, inner = 0] = b.shape
    if (a.shape.length !== 2 || b.shape.length !== 2 || rows !== inner) {
      fail(`A [${a.shape.join(', ')}] and B [${b.shape.join(', ')}]`, 'A [rank, in] and B [out, rank]')
    }
    rank ??= rows
    if (rows !== rank) fail(`rank ${rows}`, `rank ${rank}, as the tensors before it have`)
    matrices.set(name, { a: a.data, b: b.data, in: columns, out })
  }
  if (rank === undefined) throw new AdapterError(where, { found: 'no LoRA tensors', expected: 'at least one pair' })
  return { rank, matrices }
}

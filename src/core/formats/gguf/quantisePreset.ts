// Which type each tensor of a file gets: one type for most, a more exact one where it costs little or has to be.
// After llama.cpp's presets (llama-quant.cpp), without their mixes by layer.
import type { QuantisedType } from './quantise.ts'
import { GGML_TYPES } from './types.ts'

/** `general.file_type` of a file whose matrices are of a type (llama.h, llama_ftype); of K-quants the small mix, which is nearest. */
export const FILE_TYPES: Readonly<Record<QuantisedType, number>> = {
  F32: 0, F16: 1, Q8_0: 7, Q6_K: 18, Q5_K: 16, Q4_K: 14, Q5_1: 9, Q5_0: 8, Q4_1: 3, Q4_0: 2,
}

/** Where rows are no whole superblocks: the next type with smaller blocks, as llama.cpp has it. */
const FALLBACKS: { readonly [T in QuantisedType]?: QuantisedType } = { Q4_K: 'Q5_0', Q5_K: 'Q5_1', Q6_K: 'Q8_0' }

export type Placed = { readonly name: string; readonly shape: readonly number[] }

/**
 * The type of a tensor in a file of type `type`. Vectors (norms, biases, rope factors) stay F32. The matrix that the head
 * multiplies with (`head`: its name, the embedding's where they are tied) is Q6_K in files of fewer bits. Rows that are no
 * whole blocks take the fallback of their type, and F16 where even 32 does not divide them.
 */
export function storedType({ name, shape }: Placed, { type, head }: { type: QuantisedType; head: string }): QuantisedType {
  if (shape.length < 2) return 'F32'
  const few = !['F32', 'F16', 'Q8_0'].includes(type)
  const wanted = few && name === head ? 'Q6_K' : type
  const fits = (candidate: QuantisedType): boolean => (shape.at(-1) as number) % GGML_TYPES[candidate].blockSize === 0
  const found = [wanted, FALLBACKS[wanted]].find((candidate) => candidate !== undefined && fits(candidate))
  return found ?? 'F16'
}

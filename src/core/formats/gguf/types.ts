// The ggml tensor types that a GGUF file can name: number, values per block, bytes per block (ggml.h, ggml-common.h).

type Row = { readonly id: number; readonly blockSize: number; readonly blockBytes: number }
const row = (id: number, blockSize: number, blockBytes: number): Row => ({ id, blockSize, blockBytes })

export const GGML_TYPES = {
  F32: row(0, 1, 4),
  F16: row(1, 1, 2),
  Q4_0: row(2, 32, 18),
  Q4_1: row(3, 32, 20),
  Q5_0: row(6, 32, 22),
  Q5_1: row(7, 32, 24),
  Q8_0: row(8, 32, 34),
  Q2_K: row(10, 256, 84),
  Q3_K: row(11, 256, 110),
  Q4_K: row(12, 256, 144),
  Q5_K: row(13, 256, 176),
  Q6_K: row(14, 256, 210),
  IQ2_XXS: row(16, 256, 66),
  IQ2_XS: row(17, 256, 74),
  IQ3_XXS: row(18, 256, 98),
  IQ1_S: row(19, 256, 50),
  IQ4_NL: row(20, 32, 18),
  IQ3_S: row(21, 256, 110),
  IQ2_S: row(22, 256, 82),
  IQ4_XS: row(23, 256, 136),
  I8: row(24, 1, 1),
  I16: row(25, 1, 2),
  I32: row(26, 1, 4),
  I64: row(27, 1, 8),
  F64: row(28, 1, 8),
  IQ1_M: row(29, 256, 56),
  BF16: row(30, 1, 2),
  TQ1_0: row(34, 256, 54),
  TQ2_0: row(35, 256, 66),
  MXFP4: row(39, 32, 17),
  NVFP4: row(40, 64, 36),
} as const satisfies Record<string, Row>

export type GgmlTypeName = keyof typeof GGML_TYPES

const BY_ID = new Map(Object.entries(GGML_TYPES).map(([name, { id }]) => [id, name as GgmlTypeName]))

/** Name of a type number; undefined when no type of this table has it. */
export const ggmlTypeName = (id: number): GgmlTypeName | undefined => BY_ID.get(id)

/** Bytes of `count` values; `count` is a multiple of the type's block size. */
export const ggmlByteLength = (type: GgmlTypeName, count: number): number =>
  (count / GGML_TYPES[type].blockSize) * GGML_TYPES[type].blockBytes

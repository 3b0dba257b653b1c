// Model families: what distinguishes one architecture from another. A new family is a new row.
import type { RopeLayout } from '../tensor/index.ts'

export type Family = {
  /** llama.cpp stores Q and K of some families with rows permuted, so that rotation pairs are neighbours. */
  readonly ropeLayout: RopeLayout
}

/** Keyed by the GGUF's `general.architecture`. */
export const families: Readonly<Record<string, Family>> = {
  llama: { ropeLayout: 'interleaved' },
}

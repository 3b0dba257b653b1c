// A golden GGUF with other metadata or fewer tensors: sound as a file, wrong as a model.
import { readGguf, writeGguf, type GgufValue } from '../../src/core/formats/gguf/index.ts'
import { collect, goldenSource } from './bytes.ts'

export const u32 = (value: number): GgufValue => ({ type: 'u32', value })
export const f32 = (value: number): GgufValue => ({ type: 'f32', value })
export const text = (value: string): GgufValue => ({ type: 'string', value })
export const texts = (value: readonly string[]): GgufValue => ({ type: 'array', of: 'string', value })

export type Variant = {
  /** Entries put in place; null takes one away. */
  readonly metadata?: Readonly<Record<string, GgufValue | null>>
  /** Names of tensors left out. */
  readonly without?: readonly string[]
}

export function ggufVariant(golden: string, { metadata = {}, without = [] }: Variant): Uint8Array {
  const source = goldenSource(golden)
  const gguf = readGguf(source)
  const entries = new Map(gguf.metadata)
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null) entries.delete(key)
    else entries.set(key, value)
  }
  const tensors = [...gguf.tensors.values()]
    .filter(({ name }) => !without.includes(name))
    .map((tensor) => ({
      ...tensor,
      write: (sink: (bytes: Uint8Array) => void) => sink(source.read(tensor.offset, tensor.byteLength)),
    }))
  return collect((sink) => writeGguf({ metadata: entries, tensors, sink }))
}

/** The vocabulary of a golden. */
export function goldenTokens(golden: string): string[] {
  const entry = readGguf(goldenSource(golden)).metadata.get('tokenizer.ggml.tokens')
  if (entry?.type !== 'array' || entry.of !== 'string') throw new Error(`${golden} has no tokens`)
  return [...entry.value]
}

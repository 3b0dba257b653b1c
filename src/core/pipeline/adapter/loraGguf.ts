// An adapter as llama.cpp's LoRA GGUF, both ways. Layout: llama.cpp convert_lora_to_gguf.py, llama-adapter.cpp.
import { metadataBoolean, metadataNumber, metadataString, readGguf, readTensorF32, writeGguf } from '../../formats/gguf/index.ts'
import type { Gguf, GgufTensorInput, GgufValue } from '../../formats/gguf/index.ts'
import type { ByteSink, ByteSource } from '../../ports/index.ts'
import { AdapterError, pairMatrices } from './adapter.ts'
import type { Adapter, LoraHalves } from './adapter.ts'

const SUFFIX_A = '.lora_a'
const SUFFIX_B = '.lora_b'
const ALPHA_KEY = 'adapter.lora.alpha'
/** Entries of our own, which llama.cpp does not read: what the adapter was trained with, where that is not the usual. */
const OWN = { alpha: 'retort.lora.alpha', rankStable: 'retort.lora.rank_stable', dropout: 'retort.lora.dropout', step: 'retort.train.step' } as const

/** Writes the adapter; matrices stay float32, in the order of the map. llama.cpp scales by the written alpha / rank. */
export function writeLoraGguf(adapter: Adapter, sink: ByteSink): void {
  const metadata = new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: adapter.architecture }],
    ['general.type', { type: 'string', value: 'adapter' }],
    ['adapter.type', { type: 'string', value: 'lora' }],
    [ALPHA_KEY, { type: 'f32', value: adapter.rankStable ? adapter.alpha * Math.sqrt(adapter.rank) : adapter.alpha }],
  ])
  if (adapter.rankStable) {
    metadata.set(OWN.rankStable, { type: 'bool', value: true })
    metadata.set(OWN.alpha, { type: 'f32', value: adapter.alpha })
  }
  if (adapter.dropout) metadata.set(OWN.dropout, { type: 'f32', value: adapter.dropout })
  if (adapter.step !== undefined) metadata.set(OWN.step, { type: 'u32', value: adapter.step })
  const tensors = Array.from(adapter.matrices).flatMap(([name, { a, b, in: columns, out }]) => [
    matrix(name + SUFFIX_A, [adapter.rank, columns], a),
    matrix(name + SUFFIX_B, [out, adapter.rank], b),
  ])
  writeGguf({ metadata, tensors, sink })
}

/** Reads an adapter; throws FormatError for a malformed file, AdapterError for one that holds no plain LoRA. */
export function readLoraGguf(source: ByteSource): Adapter {
  const gguf = readGguf(source)
  for (const [key, expected] of [
    ['general.type', 'adapter'],
    ['adapter.type', 'lora'],
  ] as const) {
    const found = metadataString(gguf, key, 'no entry')
    if (found !== expected) throw new AdapterError(gguf.name, { found: `${key} "${found}"`, expected: `"${expected}"` })
  }
  const halves = new Map<string, LoraHalves>()
  for (const tensor of gguf.tensors.values()) {
    const side = tensor.name.endsWith(SUFFIX_A) ? 'a' : tensor.name.endsWith(SUFFIX_B) ? 'b' : undefined
    if (!side) {
      const expected = `names that end in ${SUFFIX_A} or ${SUFFIX_B}`
      throw new AdapterError(gguf.name, { found: `tensor "${tensor.name}"`, expected })
    }
    const name = tensor.name.slice(0, -SUFFIX_A.length)
    const pair = halves.get(name) ?? {}
    halves.set(name, { ...pair, [side]: { data: readTensorF32(source, tensor), shape: tensor.shape } })
  }
  const rankStable = metadataBoolean(gguf, OWN.rankStable, false)
  const dropout = metadataNumber(gguf, OWN.dropout, 0)
  const step = stepIn(gguf)
  return {
    ...pairMatrices(halves, gguf.name),
    alpha: rankStable ? metadataNumber(gguf, OWN.alpha) : metadataNumber(gguf, ALPHA_KEY),
    ...(rankStable && { rankStable }),
    ...(dropout > 0 && { dropout }),
    ...(step !== null && { step }),
    architecture: metadataString(gguf, 'general.architecture'),
  }
}

const stepIn = (gguf: Gguf): number | null => (gguf.metadata.has(OWN.step) ? metadataNumber(gguf, OWN.step) : null)

/** Optimiser steps behind an adapter's file; null where it does not say so. Throws FormatError for a malformed file. */
export const stepOfLora = (source: ByteSource): number | null => stepIn(readGguf(source))

const matrix = (name: string, shape: readonly number[], data: Float32Array): GgufTensorInput => ({
  name,
  type: 'F32',
  shape,
  write: (sink) => sink(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
})

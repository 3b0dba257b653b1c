// What cannot be true of a language model is named, whatever its architecture; what llama.cpp knows of is let through.
import { expect, test } from 'vitest'
import { implausibleModel, MetadataError, readGguf } from '../../../src/core/formats/gguf/index.ts'
import { bytesSource, goldenSource } from '../../support/bytes.ts'
import { ggufVariant, u32, type Variant } from '../../support/ggufVariant.ts'
import { malformedModels, TINY_GGUF } from '../../support/malformedModels.ts'

const judged = (variant: Variant) => implausibleModel(readGguf(bytesSource(ggufVariant(TINY_GGUF, variant))))

test.each(['tiny/llama_tied.gguf', 'tiny/llama_untied.gguf'])('%s is plausible', (name) => {
  expect(implausibleModel(readGguf(goldenSource(name)))).toBeNull()
})

test.each(malformedModels)('%s', (_name, variant, found) => {
  let said: string
  try {
    said = judged(variant)?.found ?? 'nothing'
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error
    said = error.message
  }
  expect(said).toContain(found)
})

test('what other architectures write is let through', () => {
  const perLayer = { type: 'array', of: 'i32', value: Int32Array.of(4, 4) } as const
  expect(judged({ metadata: { 'llama.attention.head_count': perLayer, 'llama.attention.head_count_kv': perLayer } })).toBeNull()
  expect(judged({ metadata: { 'llama.attention.head_count_kv': null, 'llama.rope.freq_base': null } })).toBeNull()
  // The first of several files holds the metadata and some of the blocks.
  expect(judged({ metadata: { 'split.count': u32(2), 'llama.block_count': u32(3) } })).toBeNull()
})

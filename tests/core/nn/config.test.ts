// A model's config from its metadata: what the graph cannot compute is refused by name, and soon.
import { expect, test } from 'vitest'
import { readGguf } from '../../../src/core/formats/gguf/index.ts'
import { readModelConfig } from '../../../src/core/nn/index.ts'
import { bytesSource } from '../../support/bytes.ts'
import { familyModel } from '../../support/familyModel.ts'
import { f32, ggufVariant, text, u32, type Variant } from '../../support/ggufVariant.ts'
import { TINY_GGUF } from '../../support/malformedModels.ts'

const configOf = (variant: Variant) => {
  const source = bytesSource(ggufVariant(TINY_GGUF, variant))
  return readModelConfig(readGguf(source), source)
}
const HEADS = 'llama.attention.head_count'

test('the tiny model', () => {
  expect(configOf({})).toMatchObject({ layers: 2, width: 64, heads: 4, kvHeads: 2, headSize: 16, inner: 160, vocabulary: 300, tied: true })
})

test('a model that turns by other factors in a longer context is trained within its original one', () => {
  const bytes = familyModel({
    architecture: 'phi3',
    entries: { 'rope.scaling.original_context_length': u32(128) },
    vectors: { 'rope_factors_short.weight': Array<number>(8).fill(1), 'rope_factors_long.weight': Array<number>(8).fill(4) },
  })
  const source = bytesSource(bytes)
  expect(readModelConfig(readGguf(source), source)).toMatchObject({ context: 128, rope: { magnitude: 1 } })
})

const FAMILIES = 'llama, mistral3, qwen2, qwen3, gemma3, phi3'
test('an unknown architecture is refused with the known ones', () => {
  expect(() => configOf({ metadata: { 'general.architecture': text('mamba') } })).toThrow(
    expect.objectContaining({ found: 'architecture mamba', expected: `one of: ${FAMILIES}` }),
  )
})

test.each<[string, NonNullable<Variant['metadata']>, string]>([
  ['a member of every object', { 'general.architecture': text('constructor') }, 'architecture constructor'],
  ['2^32 - 1 blocks', { 'llama.block_count': u32(2 ** 32 - 1) }, 'no tensor blk.2.attn_norm.weight'],
  ['no blocks', { 'llama.block_count': u32(0) }, 'layers 0'],
  ['no context', { 'llama.context_length': u32(0) }, 'context 0'],
  ['half a token of context', { 'llama.context_length': f32(0.5) }, 'context 0.5'],
  ['a negative epsilon', { 'llama.attention.layer_norm_rms_epsilon': f32(-1e-5) }, 'epsilon -'],
  ['an epsilon that is no number', { 'llama.attention.layer_norm_rms_epsilon': f32(NaN) }, 'epsilon NaN'],
  ['a rotation base of 0', { 'llama.rope.freq_base': f32(0) }, 'rope base 0'],
  ['an endless rotation base', { 'llama.rope.freq_base': f32(Infinity) }, 'rope base Infinity'],
  ['no heads', { [HEADS]: u32(0) }, 'heads 0'],
  ['heads that key heads do not divide', { [`${HEADS}_kv`]: u32(3) }, '4 heads over 3 kvHeads'],
  ['heads of odd size', { 'llama.attention.key_length': u32(15), 'llama.attention.value_length': u32(15), 'llama.rope.dimension_count': u32(15) }, 'headSize 15'],
  ['heads of broken size', { [HEADS]: u32(6), 'llama.attention.key_length': null, 'llama.attention.value_length': null, 'llama.rope.dimension_count': null }, 'headSize 10.6'],
  ['a mixture of experts', { 'llama.expert_count': u32(8) }, 'a mixture of experts (llama.expert_count 8)'],
  ['soft capping', { 'llama.final_logit_softcapping': f32(30) }, 'soft capping of logits (llama.final_logit_softcapping 30)'],
  ['an unknown scaling', { 'llama.rope.scaling.type': text('ntk') }, 'rope scaling ntk (llama.rope.scaling.type)'],
  ['a part of each head turned', { 'llama.rope.dimension_count': u32(8) }, 'rope over 8 of 16 dimensions'],
  ['scaling without end', { 'llama.rope.scaling.factor': f32(Infinity) }, 'a rope scaling without finite frequencies'],
  ['another width', { 'llama.embedding_length': u32(32) }, 'token_embd.weight [300,64]'],
])('%s is refused', (_name, metadata, found) => {
  const began = performance.now()
  expect(() => configOf({ metadata })).toThrow(
    expect.objectContaining({ code: 'unsupported-model', found: expect.stringContaining(found) as string }),
  )
  expect(performance.now() - began).toBeLessThan(2000)
})

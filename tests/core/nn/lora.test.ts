// Which layers an adapter covers, how it is scaled, and what dropout puts into the graph.
import { expect, test } from 'vitest'
import { adaptedLayers, loraMatrices, loraScale } from '../../../src/core/nn/index.ts'
import { weightsOf } from '../../../src/core/nn/weights.ts'
import { feed, printGraph, symbol } from '../../../src/core/tensor/index.ts'
import type { LoraTargets } from '../../../src/shared/records/run.ts'
import { TINY } from '../../support/tinyModel.ts'

const kinds = (targets: LoraTargets, architecture = 'llama'): string[] =>
  adaptedLayers({ ...TINY, architecture }, { targets }).map(({ name }) => name.replace('.weight', ''))
const blocks = (...of: string[]): string[] => [0, 1].flatMap((layer) => of.map((kind) => `blk.${layer}.${kind}`))

test('targets are groups, kinds of layers, names as PEFT has them, or single tensors', () => {
  const attention = ['attn_q', 'attn_k', 'attn_v', 'attn_output']
  const mlp = ['ffn_gate', 'ffn_up', 'ffn_down']
  expect(kinds('all')).toEqual(blocks(...attention, ...mlp))
  expect(kinds('attention')).toEqual(blocks(...attention))
  expect(kinds('mlp')).toEqual(blocks(...mlp))
  expect(kinds(['q_proj', 'attn_v'])).toEqual(blocks('attn_q', 'attn_v'))
  expect(kinds(['blk.1.ffn_down.weight'])).toEqual(['blk.1.ffn_down'])
  expect(kinds(['qkv_proj', 'gate_up_proj'], 'phi3')).toEqual(blocks('attn_qkv', 'ffn_up'))
  expect(loraMatrices(TINY, { rank: 3, alpha: 1, targets: ['ffn_down'] })[0]).toEqual({ name: 'blk.0.ffn_down.weight.lora_a', shape: [3, 12] })
})

test.each([[['attn_q', 'attn_x'], 'attn_x'], [['lm_head'], 'lm_head'], [['qkv_proj'], 'qkv_proj'], [['blk.2.attn_q.weight'], 'blk.2.attn_q.weight']])(
  'a target that the student has not is refused by its name: %j',
  (targets, found) => {
    expect(() => kinds(targets)).toThrow(expect.objectContaining({ code: 'bad-settings', where: 'targets', found }))
  },
)

test('the scale of an adapter: alpha / rank, or alpha / sqrt(rank)', () => {
  expect(loraScale({ rank: 16, alpha: 32 })).toBe(2)
  expect(loraScale({ rank: 16, alpha: 32, rankStable: true })).toBe(8)
})

test('layers that read the same values drop the same ones; the frozen product sees them all', () => {
  const x = feed('x', { shape: [symbol('T'), 8] })
  const weights = weightsOf({ rank: 4, alpha: 4, rankStable: true, dropout: 0.75 })
  const layers = ['attn_q', 'attn_k'].map((name) => weights.linear(x, { name: `blk.0.${name}.weight`, out: 6, in: 8, bias: null }))
  expect(printGraph(layers)).toMatchInlineSnapshot(`
    "%x = leaf() {role "feed"} : f32[T, 8]
    %blk.0.attn_q.weight = leaf() {role "frozen"} : f32[6, 8]
    %0 = matmul(%x, %blk.0.attn_q.weight) {transposeB} : f32[T, 6]
    %blk.0.attn_q.weight.dropout = leaf() {role "feed"} : bool[T, 8]
    %1 = constant() {data [0]} : f32[]
    %2 = where(%blk.0.attn_q.weight.dropout, %x, %1) : f32[T, 8]
    %blk.0.attn_q.weight.lora_a = leaf() {role "trained"} : f32[4, 8]
    %3 = matmul(%2, %blk.0.attn_q.weight.lora_a) {transposeB, alpha 4} : f32[T, 4]
    %blk.0.attn_q.weight.lora_b = leaf() {role "trained"} : f32[6, 4]
    %4 = matmul(%3, %blk.0.attn_q.weight.lora_b) {transposeB, alpha 2} : f32[T, 6]
    %5 = add(%0, %4) : f32[T, 6]
    %blk.0.attn_k.weight = leaf() {role "frozen"} : f32[6, 8]
    %6 = matmul(%x, %blk.0.attn_k.weight) {transposeB} : f32[T, 6]
    %blk.0.attn_k.weight.lora_a = leaf() {role "trained"} : f32[4, 8]
    %7 = matmul(%2, %blk.0.attn_k.weight.lora_a) {transposeB, alpha 4} : f32[T, 4]
    %blk.0.attn_k.weight.lora_b = leaf() {role "trained"} : f32[6, 4]
    %8 = matmul(%7, %blk.0.attn_k.weight.lora_b) {transposeB, alpha 2} : f32[T, 6]
    %9 = add(%6, %8) : f32[T, 6]
    return %5, %9"
  `)
})

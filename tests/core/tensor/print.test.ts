// Graphs print: what reverse mode makes of a small graph, pinned as text.
import { expect, test } from 'vitest'
import { weightsOf } from '../../../src/core/nn/weights.ts'
import {
  feed, frozen, gradients, matmul, mul, printGraph, sum, symbol, topologicalOrder, trained, type Value,
} from '../../../src/core/tensor/index.ts'

test('a linear map with a frozen weight: only what leads to the trained matrix gets a gradient', () => {
  const x = feed('x', { shape: [symbol('T'), 3] })
  const w = frozen('w', [3, 4])
  const b = trained('b', [4, 2])
  const y = matmul(matmul(x, w), b)
  const loss = sum(mul(y, y), [0, 1])
  expect(printGraph([loss, ...gradients(loss, [b])])).toMatchInlineSnapshot(`
    "%x = leaf() {role "feed"} : f32[T, 3]
    %w = leaf() {role "frozen"} : f32[3, 4]
    %0 = matmul(%x, %w) : f32[T, 4]
    %b = leaf() {role "trained"} : f32[4, 2]
    %1 = matmul(%0, %b) : f32[T, 2]
    %2 = mul(%1, %1) : f32[T, 2]
    %3 = sum(%2) {axes [0,1]} : f32[]
    %4 = constant() {data [1]} : f32[]
    %5 = reshape(%4) : f32[1, 1]
    %6 = expand(%5, %2) : f32[T, 2]
    %7 = mul(%6, %1) : f32[T, 2]
    %8 = mul(%6, %1) : f32[T, 2]
    %9 = add(%7, %8) : f32[T, 2]
    %10 = matmul(%0, %9) {transposeA} : f32[4, 2]
    return %3, %10"
  `)
})

test('a linear layer with LoRA: two thin products beside the frozen one, gradients of A and B only', () => {
  const x = feed('x', { shape: [symbol('T'), 8] })
  const y = weightsOf({ rank: 2, alpha: 4 }).linear(x, { name: 'w', out: 6, in: 8, bias: null })
  const loss = sum(y, [0, 1])
  const leaves = ['w.lora_a', 'w.lora_b'].map((name) => leafOf(loss, name))
  expect(printGraph([loss, ...gradients(loss, leaves)])).toMatchInlineSnapshot(`
    "%x = leaf() {role "feed"} : f32[T, 8]
    %w = leaf() {role "frozen"} : f32[6, 8]
    %0 = matmul(%x, %w) {transposeB} : f32[T, 6]
    %w.lora_a = leaf() {role "trained"} : f32[2, 8]
    %1 = matmul(%x, %w.lora_a) {transposeB} : f32[T, 2]
    %w.lora_b = leaf() {role "trained"} : f32[6, 2]
    %2 = matmul(%1, %w.lora_b) {transposeB, alpha 2} : f32[T, 6]
    %3 = add(%0, %2) : f32[T, 6]
    %4 = sum(%3) {axes [0,1]} : f32[]
    %5 = constant() {data [1]} : f32[]
    %6 = reshape(%5) : f32[1, 1]
    %7 = expand(%6, %3) : f32[T, 6]
    %8 = matmul(%7, %w.lora_b) {alpha 2} : f32[T, 2]
    %9 = matmul(%8, %x) {transposeA} : f32[2, 8]
    %10 = matmul(%7, %1) {transposeA, alpha 2} : f32[6, 2]
    return %4, %9, %10"
  `)
})

const leafOf = (value: Value, name: string): Value =>
  topologicalOrder([value]).find((node) => 'name' in node.attributes && node.attributes.name === name)?.outputs[0] as Value

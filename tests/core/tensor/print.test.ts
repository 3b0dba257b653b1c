// Graphs print: what reverse mode makes of a small graph, pinned as text.
import { expect, test } from 'vitest'
import { feed, frozen, gradients, matmul, mul, printGraph, sum, symbol, trained } from '../../../src/core/tensor/index.ts'

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

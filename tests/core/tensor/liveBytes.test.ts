// Bytes that are live at most, against small graphs counted by hand.
import { expect, test } from 'vitest'
import { add, chunkedRows, exp, feed, frozen, liveBytes, matmul, reshape, symbol, transpose, type Value } from '../../../src/core/tensor/index.ts'

const T = symbol('T')
const live = (outputs: readonly Value[], size: number): number => liveBytes(outputs, { bindings: new Map([['T', size]]) })
const x = feed('x', { shape: [T, 4] })
const X = 10 * 4 * 4

test('what is fed and what is made of it; a stored matrix is not counted', () => {
  const y = matmul(x, frozen('w', [3, 4]), { transposeB: true })
  expect(live([y], 10)).toBe(X + 10 * 3 * 4)
})

test('an elementwise result takes the place of what nothing reads any more, not of what is fed', () => {
  expect(live([exp(x)], 10)).toBe(2 * X)
  expect(live([exp(exp(exp(x)))], 10)).toBe(2 * X)
  const y = exp(x)
  expect(live([add(exp(y), y)], 10)).toBe(3 * X)
})

test('a reshape is no copy, a transpose is one, and both ends are there while it runs', () => {
  const y = exp(x)
  expect(live([transpose(reshape(y, [4, T]), [1, 0])], 10)).toBe(3 * X)
  // Two transposes one behind the other: the first's input is gone by the second.
  expect(live([transpose(transpose(y, [1, 0]), [1, 0])], 10)).toBe(3 * X)
})

test('a matrix that is decoded for a product counts while that product runs', () => {
  const w = frozen('w', [4, 4])
  const once = matmul(x, w)
  const twice = matmul(once, w)
  const decoding = ({ elements }: { elements: number }): number => 9 * elements
  expect(liveBytes([twice], { bindings: new Map([['T', 10]]), decoding })).toBe(3 * X + 9 * 16)
})

test('of rows in chunks only one chunk is in work', () => {
  const w = feed('w', { shape: [4, 4] })
  const [y] = chunkedRows({ rows: [x], shared: [w] }, ([rows], [shared]) => [matmul(matmul(rows as Value, shared as Value), shared as Value)]) as [Value]
  const whole = 1000 * 4 * 4
  // Input and output for all rows, what all chunks share; of 128 rows the input and both products.
  expect(live([y], 1000)).toBe(2 * whole + 64 + 3 * 128 * 4 * 4)
})

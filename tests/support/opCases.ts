// One small case for every operation: the judge, finite differences and ONNX Runtime all run the same ones.
import {
  add, after, and, attend, chunkedRows, concat, constant, div, equal, exp, expand, feed, fillColumns, gatherRows, gelu,
  lessOrEqual, log, logSoftmax, logSumExp, matmul, mul, ndarray, neg, pad, pick, reshape, rmsNorm, rope,
  scatterAddRows, silu, slice, softmax, split, sub, sum, symbol, toFloat, topK, transpose, unpick, where, withGradient,
  type NdArray, type OpName, type Value,
} from '../../src/core/tensor/index.ts'
import { random } from './random.ts'

export type OpCase = {
  readonly outputs: readonly Value[]
  /** Leaves to differentiate by. */
  readonly wrt: readonly Value[]
  readonly feeds: ReadonlyMap<string, NdArray>
}

const T = symbol('T')
const next = random(7)
const reals = (shape: number[], from = -1, to = 1): NdArray =>
  ndarray(shape, Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => from + (to - from) * next()))

/** Leaf x [T, 4] with T = 3, and leaf y of the given shape. */
function pair(build: (x: Value, y: Value) => Value, yShape: number[] = [3, 4], range: [number, number] = [0.2, 2]): OpCase {
  const x = feed('x', { shape: [T, 4] })
  const y = feed('y', { shape: yShape.map((size, i) => (i === 0 && yShape.length === 2 && size === 3 ? T : size)) })
  const feeds = new Map([['x', reals([3, 4], ...range)], ['y', reals(yShape, ...range)]])
  return { outputs: [build(x, y)], wrt: [x, y], feeds }
}

function single(build: (x: Value) => Value, range: [number, number] = [-2, 2]): OpCase {
  const x = feed('x', { shape: [T, 4] })
  return { outputs: [build(x)], wrt: [x], feeds: new Map([['x', reals([3, 4], ...range)]]) }
}

/** Comparisons yield booleans; `where` turns them into numbers that can be looked at. */
function comparison(build: (a: Value, b: Value) => Value): OpCase {
  const a = feed('a', { shape: [T], dtype: 'i64' })
  const b = feed('b', { shape: [T], dtype: 'i64' })
  const feeds = new Map([['a', ndarray([4], [1, 2, 3, 4])], ['b', ndarray([4], [1, 3, 2, 4])]])
  return { outputs: [where(build(a, b), constant(1), constant(0))], wrt: [], feeds }
}

function batched(transposeA: boolean, transposeB: boolean): OpCase {
  const a = feed('a', { shape: transposeA ? [2, 5, T] : [2, T, 5] })
  const b = feed('b', { shape: transposeB ? [2, 4, 5] : [2, 5, 4] })
  const feeds = new Map([['a', reals(transposeA ? [2, 5, 3] : [2, 3, 5])], ['b', reals(transposeB ? [2, 4, 5] : [2, 5, 4])]])
  return { outputs: [matmul(a, b, { transposeA, transposeB, alpha: 0.5 })], wrt: [a, b], feeds }
}

const twoAxes = (transposeA: boolean, transposeB: boolean): OpCase => {
  const a = feed('a', { shape: transposeA ? [5, T] : [T, 5] })
  const b = feed('b', { shape: transposeB ? [4, 5] : [5, 4] })
  const feeds = new Map([['a', reals(transposeA ? [5, 3] : [3, 5])], ['b', reals(transposeB ? [4, 5] : [5, 4])]])
  return { outputs: [matmul(a, b, { transposeA, transposeB, alpha: 2 })], wrt: [a, b], feeds }
}

/** Two heads of 4 dimensions, all turned, or of more, of which 4 are. */
function ropeCase(layout: 'interleaved' | 'halves', width = 8): OpCase {
  const x = feed('x', { shape: [T, width] })
  const cos = feed('cos', { shape: [T, 2] })
  const sin = feed('sin', { shape: [T, 2] })
  const angles = reals([3, 2], -3, 3)
  const feeds = new Map([
    ['x', reals([3, width])],
    ['cos', ndarray([3, 2], angles.data.map(Math.cos))],
    ['sin', ndarray([3, 2], angles.data.map(Math.sin))],
  ])
  return { outputs: [rope(x, { cos, sin, heads: 2, layout })], wrt: [x], feeds }
}

/** Two groups of three queries over five keys, the last two of which only the last query sees. */
function attendCase(): OpCase {
  const [q, k, v] = [[2, T, 4], [2, 5, 4], [2, 5, 3]].map((shape, i) => feed(`qkv${i}`, { shape })) as [Value, Value, Value]
  const mask = feed('mask', { shape: [2, T, 5] })
  const hidden = Array.from({ length: 2 * 3 * 5 }, (_, i) => (i % 5 > 2 && Math.floor(i / 5) % 3 < 2 ? -1e9 : 0))
  const feeds = new Map([
    ['qkv0', reals([2, 3, 4])],
    ['qkv1', reals([2, 5, 4])],
    ['qkv2', reals([2, 5, 3])],
    ['mask', ndarray([2, 3, 5], hidden)],
  ])
  return { outputs: [attend({ q, k, v, mask, scale: 0.7 })], wrt: [q, k, v], feeds }
}

/** Two results of every row, one of them as wide as the row, and a sum over all rows. */
function chunkedCase(rows: number): OpCase {
  const N = symbol('N')
  const h = feed('h', { shape: [N, 3] })
  const matrix = feed('matrix', { shape: [7, 3] })
  const label = feed('labels', { shape: [N], dtype: 'i64' })
  const weight = feed('weights', { shape: [N] })
  const [both, wide, total] = chunkedRows(
    { rows: [h, label, weight], shared: [matrix] },
    ([x, of, w], [m]) => {
      const products = matmul(x as Value, m as Value, { transposeB: true })
      const largest = sum(topK(products, 1).values, [1])
      const spread = add(unpick(w as Value, of as Value, products), unpick(largest, of as Value, products))
      return [
        add(largest, mul(pick(products, of as Value), w as Value)),
        matmul(spread, m as Value),
        matmul(spread, x as Value, { transposeA: true }),
      ]
    },
    { summed: 1 },
  ) as [Value, Value, Value]
  const feeds = new Map([
    ['h', reals([rows, 3], -2, 2)],
    ['matrix', reals([7, 3], -2, 2)],
    ['labels', ndarray([rows], Array.from({ length: rows }, (_, i) => i % 7))],
    ['weights', reals([rows], 0, 1)],
  ])
  return { outputs: [both, wide, total], wrt: [], feeds }
}

const rows = (): Value => feed('rows', { shape: [symbol('R')], dtype: 'i64' })
/** A row named twice, and one never. */
const rowNumbers: [string, NdArray] = ['rows', ndarray([4], [2, 0, 2, 2])]
const labels = (): Value => feed('labels', { shape: [T], dtype: 'i64' })
const labelNumbers: [string, NdArray] = ['labels', ndarray([3], [3, 0, 2])]
const choices = (): Value => feed('choices', { shape: [T, 2], dtype: 'i64' })
const choiceNumbers: [string, NdArray] = ['choices', ndarray([3, 2], [3, 3, 0, 2, 1, 3])]
const withFeed = (base: OpCase, ...extra: [string, NdArray][]): OpCase => ({
  ...base,
  feeds: new Map([...base.feeds, ...extra]),
})

export const opCases: { readonly [K in OpName]: readonly OpCase[] } = {
  leaf: [single((x) => x)],
  constant: [single((x) => add(x, constant([1, 2, 3, 4], { shape: [4] })))],
  add: [pair(add), pair(add, [4]), pair(add, [3, 1])],
  sub: [pair(sub), pair(sub, [1, 4]), pair((x, y) => sub(y, x), [4])],
  mul: [pair(mul), pair(mul, [3, 1])],
  div: [pair(div), pair(div, [4]), pair((x, y) => div(y, x), [3, 1])],
  neg: [single(neg)],
  exp: [single(exp)],
  log: [single(log, [0.1, 3])],
  silu: [single(silu)],
  gelu: [single(gelu)],
  softmax: [single(softmax)],
  logSoftmax: [single(logSoftmax)],
  matmul: [false, true].flatMap((a) => [false, true].flatMap((b) => [twoAxes(a, b), batched(a, b)])),
  sum: [single((x) => sum(x, [0])), single((x) => sum(x, [1], { keepDims: true })), single((x) => sum(x, [0, 1]))],
  reshape: [single((x) => reshape(x, [T, 2, 2])), single((x) => reshape(x, [2, { times: 2, symbol: 'T' }]))],
  transpose: [single((x) => transpose(x, [1, 0])), single((x) => transpose(reshape(x, [T, 2, 2]), [1, 2, 0]))],
  split: [single((x) => mul(...(split(reshape(x, [T, 2, 2]), [1, 1], 1) as [Value, Value]))), single((x) => split(x, [1, 2, 1]).reduce((product, piece) => mul(product, piece))), single((x) => split(x, [1, 3])[1] as Value)],
  concat: [pair((x, y) => concat([reshape(x, [T, 2, 2]), reshape(y, [T, 2, 2])], 1)), pair((x, y) => concat([x, y, x])), pair((x, y) => concat([y, x]), [3, 2])],
  slice: [single((x) => slice(x, { axis: 1, start: 1, end: 3 }))],
  pad: [single((x) => pad(x, { axis: 1, before: 1, after: 2 })), single((x) => pad(reshape(x, [T, 2, 2]), { axis: 1, before: 0, after: 1 }))],
  attend: [attendCase()],
  after: [pair((x, y) => mul(after(x, y), y)), single((x) => after(mul(x, x), sum(x, [1])))],
  expand: [pair((x, y) => mul(x, expand(y, x)), [3, 1]), pair((x, y) => mul(x, expand(y, x)), [4])],
  gatherRows: [withFeed(single((x) => gatherRows(x, rows())), rowNumbers)],
  scatterAddRows: [
    (() => {
      const x = feed('x', { shape: [symbol('R'), 4] })
      const like = feed('like', { shape: [T, 4] })
      const feeds = new Map([['x', reals([4, 4])], ['like', reals([3, 4])], rowNumbers])
      return { outputs: [scatterAddRows(x, rows(), like)], wrt: [x], feeds }
    })(),
  ],
  pick: [withFeed(single((x) => pick(x, labels())), labelNumbers), withFeed(single((x) => pick(x, choices())), choiceNumbers)],
  unpick: [
    withFeed(single((x) => unpick(sum(x, [1]), labels(), x)), labelNumbers),
    // Column 3 twice in a row: both are added.
    withFeed(single((x) => { const both = choices(); return mul(unpick(pick(exp(x), both), both, x), x) }), choiceNumbers),
  ],
  logSumExp: [single((x) => logSumExp(x).y), single((x) => logSumExp(mul(x, constant(200))).y)],
  fillColumns: [withFeed(single((x) => fillColumns(mul(x, x), choices(), -7)), choiceNumbers)],
  topK: [single((x) => topK(mul(x, x), 3).values), single((x) => topK(x, 4).values)],
  withGradient: [
    single((x) => {
      const y = sum(mul(x, x), [0, 1])
      return mul(withGradient(y, [[x, mul(x, constant(2))]]), constant(3))
    }),
  ],
  // 1 row, a whole chunk, a chunk and a bit, several chunks.
  chunkedRows: [1, 128, 129, 300].map(chunkedCase),
  rmsNorm: [pair((x, y) => rmsNorm(x, y, 0.1).y, [4])],
  rope: [ropeCase('interleaved'), ropeCase('halves'), ropeCase('interleaved', 12), ropeCase('halves', 12)],
  toFloat: [{ outputs: [toFloat(labels())], wrt: [], feeds: new Map([labelNumbers]) }],
  equal: [comparison(equal)],
  lessOrEqual: [comparison(lessOrEqual), pair((x, y) => where(lessOrEqual(x, y), mul(x, y), x))],
  and: [comparison((a, b) => and(lessOrEqual(a, b), lessOrEqual(b, a)))],
  where: [
    withFeed(
      pair((x, y) => where(equal(reshapeLabels(), constant([3, 3, 3, 3], { shape: [4], dtype: 'i64' })), x, y)),
      ['marks', ndarray([4], [3, 1, 3, 2])],
    ),
  ],
}

function reshapeLabels(): Value {
  return feed('marks', { shape: [4], dtype: 'i64' })
}

// Shape rules: what each operation accepts and the types it produces, checked when a node is built.
import { broadcastShapes, sameDim, sameShape, showShape, showSize, symbol, type Dim, type Shape } from './dims.ts'
import { topologicalOrder, type DType, type OpAttributes, type OpName, type TensorType, type Value } from './value.ts'

type Rule<K extends OpName> = (inputs: readonly Value[], attributes: OpAttributes[K]) => TensorType[]

/** Rows of a chunk, in the body of `chunkedRows`. */
const CHUNK_AXIS = symbol('C')

/** A graph was built wrongly; the message names the operator and the shapes. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

export const describe = (op: string, inputs: readonly TensorType[]): string =>
  `${op}(${inputs.map((input) => `${input.dtype}${showShape(input.shape)}`).join(', ')})`

function fail(op: string, inputs: readonly TensorType[], expected: string): never {
  throw new ShapeError(`${describe(op, inputs)}: expected ${expected}`)
}

const take = (op: OpName, inputs: readonly Value[], dtypes: readonly DType[]): readonly Value[] => {
  if (inputs.length !== dtypes.length) fail(op, inputs, `${dtypes.length} inputs`)
  inputs.forEach((input, i) => {
    if (input.dtype !== dtypes[i]) fail(op, inputs, `input ${i} of type ${dtypes[i]}`)
  })
  return inputs
}

const f32 = (shape: Shape): TensorType => ({ shape, dtype: 'f32' })

const elementwise =
  (op: OpName, dtype: DType = 'f32', result: DType = dtype): Rule<OpName> =>
  (inputs) => {
    const [a, b] = take(op, inputs, [dtype, dtype]) as [Value, Value]
    return [{ shape: broadcastShapes(a.shape, b.shape) ?? fail(op, inputs, 'shapes that broadcast'), dtype: result }]
  }

const unary =
  (op: OpName): Rule<OpName> =>
  (inputs) => [f32((take(op, inputs, ['f32'])[0] as Value).shape)]

const lastTwo = (shape: Shape, transposed: boolean): [Dim, Dim] => {
  const [m, n] = shape.slice(-2) as [Dim, Dim]
  return transposed ? [n, m] : [m, n]
}

export const shapeRules: { readonly [K in OpName]: Rule<K> } = {
  leaf: (_inputs, { type }) => [type],
  constant: (inputs, { type, data }) => {
    if (showSize(type.shape) !== String(data.length)) fail('constant', inputs, `${data.length} elements`)
    return [type]
  },
  add: elementwise('add'),
  sub: elementwise('sub'),
  mul: elementwise('mul'),
  div: elementwise('div'),
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  silu: (inputs) => {
    const [x] = take('silu', inputs, ['f32']) as [Value]
    return [f32(x.shape), f32(x.shape)]
  },
  gelu: (inputs) => {
    const [x] = take('gelu', inputs, ['f32']) as [Value]
    return [f32(x.shape), f32(x.shape)]
  },
  softmax: unary('softmax'),
  logSoftmax: unary('logSoftmax'),
  toFloat: (inputs) => [f32((take('toFloat', inputs, ['i64'])[0] as Value).shape)],
  equal: elementwise('equal', 'i64', 'bool'),
  lessOrEqual: (inputs, attributes) => elementwise('lessOrEqual', inputs[0]?.dtype === 'f32' ? 'f32' : 'i64', 'bool')(inputs, attributes),
  and: elementwise('and', 'bool'),
  where: (inputs) => {
    const [condition, a, b] = take('where', inputs, ['bool', 'f32', 'f32']) as [Value, Value, Value]
    const shape = broadcastShapes(a.shape, b.shape)
    return [f32((shape && broadcastShapes(condition.shape, shape)) ?? fail('where', inputs, 'shapes that broadcast'))]
  },
  matmul: (inputs, { transposeA, transposeB }) => {
    const [a, b] = take('matmul', inputs, ['f32', 'f32']) as [Value, Value]
    if (a.shape.length < 2 || a.shape.length !== b.shape.length) fail('matmul', inputs, 'equal ranks of 2 or more')
    const [m, k] = lastTwo(a.shape, transposeA)
    const [k2, n] = lastTwo(b.shape, transposeB)
    const batch = a.shape.slice(0, -2)
    const flags = `(transposeA ${transposeA}, transposeB ${transposeB})`
    if (!sameDim(k, k2)) fail('matmul', inputs, `equal inner dimensions ${flags}`)
    if (!sameShape(batch, b.shape.slice(0, -2))) fail('matmul', inputs, 'equal leading dimensions')
    return [f32([...batch, m, n])]
  },
  sum: (inputs, { axes, keepDims }) => {
    const [x] = take('sum', inputs, ['f32']) as [Value]
    if (axes.some((axis) => axis < 0 || axis >= x.shape.length)) fail('sum', inputs, `axes ${axes} within the rank`)
    return [f32(x.shape.flatMap((dim, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [dim])))]
  },
  reshape: (inputs, { shape }) => {
    const [x] = inputs as [Value]
    if (showSize(x.shape) !== showSize(shape)) fail('reshape', inputs, `as many elements as ${showShape(shape)}`)
    return [{ shape, dtype: x.dtype }]
  },
  transpose: (inputs, { permutation }) => {
    const [x] = take('transpose', inputs, ['f32']) as [Value]
    const complete = x.shape.every((_, i) => permutation.includes(i)) && permutation.length === x.shape.length
    if (!complete) fail('transpose', inputs, `a permutation of its axes, found ${permutation}`)
    return [f32(permutation.map((axis) => x.shape[axis] as Dim))]
  },
  split: (inputs, { axis, sizes }) => {
    const [x] = take('split', inputs, ['f32']) as [Value]
    const total = sizes.reduce((sum, size) => sum + size, 0)
    if (x.shape[axis] !== total) fail('split', inputs, `size ${total} on axis ${axis}`)
    return sizes.map((size) => f32(x.shape.with(axis, size)))
  },
  concat: (inputs, { axis }) => {
    const [x] = take('concat', inputs, inputs.map(() => 'f32' as const)) as [Value]
    const fits = inputs.every(({ shape }) => typeof shape[axis] === 'number' && sameShape(shape.with(axis, 0), x.shape.with(axis, 0)))
    if (!fits) fail('concat', inputs, `shapes that differ in axis ${axis} only, of fixed sizes`)
    return [f32(x.shape.with(axis, inputs.reduce((sum, { shape }) => sum + (shape[axis] as number), 0)))]
  },
  slice: (inputs, { axis, start, end }) => {
    const [x] = inputs as [Value]
    const size = x.shape[axis]
    if (typeof size !== 'number' || start < 0 || start >= end || end > size) fail('slice', inputs, `${start} to ${end} within a fixed axis ${axis}`)
    return [{ shape: x.shape.with(axis, end - start), dtype: x.dtype }]
  },
  pad: (inputs, { axis, before, after }) => {
    const [x] = take('pad', inputs, ['f32']) as [Value]
    const size = x.shape[axis]
    if (typeof size !== 'number') fail('pad', inputs, `a fixed axis ${axis}`)
    return [f32(x.shape.with(axis, before + (size) + after))]
  },
  attend: (inputs) => {
    const [q, k, v, mask] = take('attend', inputs, ['f32', 'f32', 'f32', 'f32']) as Value[] & [Value, Value, Value, Value]
    const [groups, rows, size] = q.shape as [Dim, Dim, Dim]
    const keys = k.shape[1] as Dim
    const fits = q.shape.length === 3 && sameShape(k.shape, [groups, keys, size]) && sameShape(v.shape.slice(0, 2), [groups, keys])
    if (!fits || !sameShape(mask.shape, [groups, rows, keys])) fail('attend', inputs, 'q [G, R, D], k [G, K, D], v [G, K, E], mask [G, R, K]')
    return [f32([groups, rows, v.shape[2] as Dim]), f32([groups, rows, keys])]
  },
  after: (inputs) => [take('after', inputs, ['f32', 'f32'])[0] as Value],
  expand: (inputs) => {
    const [x, like] = take('expand', inputs, ['f32', 'f32']) as [Value, Value]
    const result = broadcastShapes(x.shape, like.shape)
    if (!result || !sameShape(result, like.shape)) fail('expand', inputs, 'a shape that repeats up to the second')
    return [f32(like.shape)]
  },
  gatherRows: (inputs) => {
    const [x, index] = inputs as [Value, Value]
    if (index.dtype !== 'i64' || index.shape.length !== 1 || x.shape.length < 1) fail('gatherRows', inputs, 'a vector of row numbers')
    return [{ shape: [index.shape[0] as Dim, ...x.shape.slice(1)], dtype: x.dtype }]
  },
  scatterAddRows: (inputs) => {
    const [x, index, like] = take('scatterAddRows', inputs, ['f32', 'i64', 'f32']) as Value[] & [Value, Value, Value]
    const fits = sameShape(index.shape, x.shape.slice(0, 1)) && sameShape(x.shape.slice(1), like.shape.slice(1))
    if (!fits) fail('scatterAddRows', inputs, 'one row number per row, rows as wide as the third input')
    return [f32(like.shape)]
  },
  pick: (inputs) => {
    const [x, labels] = take('pick', inputs, ['f32', 'i64']) as [Value, Value]
    const fits = x.shape.length === 2 && (labels.shape.length === 1 || labels.shape.length === 2)
    if (!fits || !sameDim(labels.shape[0] as Dim, x.shape[0] as Dim)) fail('pick', inputs, 'x [R, V], labels [R] or [R, K]')
    return [f32(labels.shape)]
  },
  unpick: (inputs) => {
    const [x, labels, like] = take('unpick', inputs, ['f32', 'i64', 'f32']) as Value[] & [Value, Value, Value]
    const fits = sameShape(labels.shape, x.shape) && (x.shape.length === 1 || x.shape.length === 2)
    if (!fits || like.shape.length !== 2 || !sameDim(x.shape[0] as Dim, like.shape[0] as Dim))
      fail('unpick', inputs, 'a label per element, one or several a row')
    return [f32(like.shape)]
  },
  rmsNorm: (inputs) => {
    const [x, w] = take('rmsNorm', inputs, ['f32', 'f32']) as [Value, Value]
    if (!sameShape(x.shape.slice(-1), w.shape)) fail('rmsNorm', inputs, 'a weight as long as the last axis')
    return [f32(x.shape), f32([...x.shape.slice(0, -1), 1])]
  },
  rope: (inputs, { heads }) => {
    const [x, cos, sin] = take('rope', inputs, ['f32', 'f32', 'f32']) as [Value, Value, Value]
    const [rows, width] = x.shape
    const half = typeof width === 'number' ? width / heads / 2 : NaN
    const turned = cos.shape[1]
    const table = [rows as Dim, turned as Dim]
    const within = typeof turned === 'number' && turned <= half
    const fits = x.shape.length === 2 && Number.isInteger(half) && within && sameShape(cos.shape, table)
    if (!fits || !sameShape(sin.shape, table)) fail('rope', inputs, `[T, ${heads} heads * D] and tables [T, R / 2], R at most D`)
    return [f32(x.shape)]
  },
  logSumExp: (inputs) => {
    const [x] = take('logSumExp', inputs, ['f32']) as [Value]
    const one = f32([...x.shape.slice(0, -1), 1])
    return [one, f32(x.shape), one]
  },
  fillColumns: (inputs) => {
    const [x, labels] = take('fillColumns', inputs, ['f32', 'i64']) as [Value, Value]
    const fits = x.shape.length === 2 && labels.shape.length === 2 && sameShape(labels.shape.slice(0, 1), x.shape.slice(0, 1))
    if (!fits) fail('fillColumns', inputs, 'x [R, V] and labels [R, K]')
    return [f32(x.shape)]
  },
  topK: (inputs, { k }) => {
    const [x] = take('topK', inputs, ['f32']) as [Value]
    const columns = x.shape.at(-1)
    if (x.shape.length !== 2 || (typeof columns === 'number' && k > columns)) fail('topK', inputs, `two axes, the last of ${k} or more`)
    const shape = [...x.shape.slice(0, -1), k]
    return [f32(shape), { shape, dtype: 'i64' }]
  },
  withGradient: (inputs) => {
    const [loss, ...pairs] = take('withGradient', inputs, inputs.map(() => 'f32' as const)) as [Value, ...Value[]]
    const fits = pairs.every(({ shape }, i) => sameShape(shape, (pairs[i - (i % 2)] as Value).shape))
    if (loss.shape.length !== 0 || pairs.length % 2 !== 0 || !fits) fail('withGradient', inputs, 'a scalar and pairs of equal shapes')
    return [f32([])]
  },
  chunkedRows: (inputs, { body }) => {
    const rows = inputs[0]?.shape[0]
    const fits = inputs.every(({ shape }, i) => i >= body.rows || (shape.length > 0 && sameDim(shape[0] as Dim, rows as Dim)))
    if (rows === undefined || body.rows === 0 || !fits) fail('chunkedRows', inputs, `equal first axes of the first ${body.rows} inputs`)
    const leaves = new Set(body.leaves.map(({ node }) => node))
    const foreign = topologicalOrder(body.outputs).find((node) => node.op === 'leaf' && !leaves.has(node))
    if (foreign) fail('chunkedRows', inputs, 'a body that reads its own leaves only')
    return body.outputs.map(({ shape, dtype }, i) => {
      const first = shape[0]
      if (i >= body.outputs.length - body.summed) {
        if (dtype !== 'f32' || showShape(shape).includes('C')) fail('chunkedRows', inputs, `sums that know no chunk, found ${showShape(shape)}`)
        return { shape, dtype }
      }
      if (first === undefined || !sameDim(first, CHUNK_AXIS)) fail('chunkedRows', inputs, `outputs [C, ...], found ${showShape(shape)}`)
      return { shape: [rows, ...shape.slice(1)], dtype }
    })
  },
}

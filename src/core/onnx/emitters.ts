// ONNX emission: for each operation, the nodes of ONNX (or of ONNX Runtime) that compute it.
import { GELU, sameDim, showShape, type Dim, type OpName, type Value } from '../tensor/index.ts'
import type { Emission } from './emission.ts'
import { float, int, ints } from './model.ts'
import { emitRowLoop } from './rowLoop.ts'
import type { Scope } from './scope.ts'

/** Returns the names of the outputs; any name for one that nothing reads. */
type Emitter<K extends OpName> = (emission: Emission<K>) => string[]

const same =
  (opType: string): Emitter<OpName> =>
  ({ scope, inputs }) => [scope.node(opType, inputs)]

const lastAxis =
  (opType: string): Emitter<OpName> =>
  ({ scope, inputs }) => [scope.node(opType, inputs, { attributes: { axis: int(-1) } })]

const vector = (scope: Scope, values: readonly number[]): string => scope.literal('i64', [values.length], values)
const column = (scope: Scope, name: string): string => scope.node('Unsqueeze', [name, vector(scope, [1])])
const zerosLike = (scope: Scope, name: string): string => scope.node('ConstantOfShape', [scope.node('Shape', [name])])

/** Reshape's target: numbers, 0 where the input has the same dim at that place, one -1 for what is left. */
function reshapeTarget(from: readonly Dim[], to: readonly Dim[]): number[] {
  const target = to.map((dim, i) => {
    if (typeof dim === 'number') return dim
    return from[i] !== undefined && sameDim(from[i], dim) ? 0 : -1
  })
  if (target.filter((size) => size === -1).length > 1)
    throw new Error('reshape: ONNX can leave one dynamic size open, found more')
  return target
}

/** 0 where whole heads are turned. */
function rotatedDimensions([x, cos]: readonly Value[], heads: number): number {
  const rotated = 2 * (cos?.shape[1] as number)
  return rotated * heads === x?.shape[1] ? 0 : rotated
}

export const emitters: { readonly [K in OpName]: Emitter<K> } = {
  // Leaves are inputs or stored tensors of the graph; emit.ts names them.
  leaf: () => {
    throw new Error('a leaf is not emitted as a node')
  },
  constant: ({ scope, attributes: { data, type } }) => [scope.literal(type.dtype, type.shape as number[], data)],
  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  div: same('Div'),
  neg: same('Neg'),
  exp: same('Exp'),
  log: same('Log'),
  silu: ({ scope, inputs: [x] }) => {
    const sigma = scope.node('Sigmoid', [x as string])
    return [scope.node('Mul', [x as string, sigma]), sigma]
  },
  gelu: ({ scope, inputs: [x] }) => {
    const number = (value: number): string => scope.literal('f32', [], [value])
    const square = scope.node('Mul', [x as string, x as string])
    const slope = scope.node('Add', [scope.node('Mul', [square, number(GELU.cubic)]), number(GELU.linear)])
    const sigma = scope.node('Sigmoid', [scope.node('Mul', [x as string, slope])])
    return [scope.node('Mul', [x as string, sigma]), sigma]
  },
  softmax: lastAxis('Softmax'),
  logSoftmax: lastAxis('LogSoftmax'),
  toFloat: ({ scope, inputs }) => [scope.node('Cast', inputs, { attributes: { to: int(1) } })],
  equal: same('Equal'),
  lessOrEqual: same('LessOrEqual'),
  and: same('And'),
  where: same('Where'),
  matmul: ({ scope, inputs, outputs, attributes: { transposeA, transposeB, alpha } }) => {
    const attributes = { transA: int(transposeA), transB: int(transposeB), alpha: float(alpha) }
    if (outputs[0]?.shape.length === 2) return [scope.node('Gemm', inputs, { attributes })]
    if (!transposeA && !transposeB && alpha === 1) return [scope.node('MatMul', inputs)]
    return [scope.node('FusedMatMul', inputs, { attributes, domain: 'com.microsoft' })]
  },
  sum: ({ scope, inputs: [x], attributes: { axes, keepDims } }) => [
    scope.node('ReduceSum', [x as string, vector(scope, axes)], { attributes: { keepdims: int(keepDims) } }),
  ],
  reshape: ({ scope, inputs: [x], values: [value], attributes: { shape } }) => [
    scope.node('Reshape', [x as string, vector(scope, reshapeTarget((value as Value).shape, shape))]),
  ],
  transpose: ({ scope, inputs, attributes: { permutation } }) => [
    scope.node('Transpose', inputs, { attributes: { perm: ints(permutation) } }),
  ],
  split: ({ scope, inputs: [x], attributes: { axis, sizes } }) =>
    scope.nodes('Split', [x as string, vector(scope, sizes)], { attributes: { axis: int(axis) }, outputs: sizes.length }),
  concat: ({ scope, inputs, attributes: { axis } }) => [scope.node('Concat', inputs, { attributes: { axis: int(axis) } })],
  slice: ({ scope, inputs: [x], attributes: { axis, start, end } }) => [
    scope.node('Slice', [x as string, vector(scope, [start]), vector(scope, [end]), vector(scope, [axis])]),
  ],
  pad: ({ scope, inputs: [x], attributes: { axis, before, after } }) => [
    scope.node('Pad', [x as string, vector(scope, [before, after]), '', vector(scope, [axis])]),
  ],
  attend: ({ scope, inputs: [q, k, v, mask], used, attributes: { scale } }) => {
    const attributes = { transA: int(0), transB: int(1), alpha: float(scale) }
    const scores = scope.node('FusedMatMul', [q as string, k as string], { attributes, domain: 'com.microsoft' })
    const softmax = scope.node('Softmax', [scope.node('Add', [scores, mask as string])], { attributes: { axis: int(-1) } })
    return [used[0] ? scope.node('MatMul', [softmax, v as string]) : '', softmax]
  },
  // A reshape copies nothing and waits for its target, which is x's own shape, cut from the shapes of both.
  after: ({ scope, inputs: [x, token], values: [value, other] }) => {
    const shapes = [x, token].map((name) => scope.node('Shape', [name as string])) as [string, string]
    const same = showShape((value as Value).shape) === showShape((other as Value).shape)
    const rank = (value as Value).shape.length
    const both = (): string => scope.node('Concat', shapes, { attributes: { axis: int(0) } })
    const target = same ? shapes[1] : scope.node('Slice', [both(), vector(scope, [0]), vector(scope, [rank]), vector(scope, [0])])
    return [scope.node('Reshape', [x as string, target])]
  },
  expand: ({ scope, inputs: [x, like] }) => [scope.node('Expand', [x as string, scope.node('Shape', [like as string])])],
  gatherRows: same('Gather'),
  // Not ScatterND: ONNX Runtime 1.30 adds in parallel there, and rows with one number in two threads get lost.
  scatterAddRows: ({ scope, inputs: [x, index, like], values: [rows] }) => {
    const perRow = scope.node('Reshape', [index as string, vector(scope, [-1, ...(rows as Value).shape.slice(1).map(() => 1)])])
    const perElement = scope.node('Expand', [perRow, scope.node('Shape', [x as string])])
    return [
      scope.node('ScatterElements', [zerosLike(scope, like as string), perElement, x as string], {
        attributes: { axis: int(0), reduction: { type: 'string', value: 'add' } },
      }),
    ]
  },
  pick: ({ scope, inputs: [x, labels], values: [, label] }) => {
    const attributes = { axis: int(1) }
    if (label?.shape.length === 2) return [scope.node('GatherElements', [x as string, labels as string], { attributes })]
    const picked = scope.node('GatherElements', [x as string, column(scope, labels as string)], { attributes })
    return [scope.node('Squeeze', [picked, vector(scope, [1])])]
  },
  unpick: ({ scope, inputs: [x, labels, like], values: [value] }) => {
    const into = zerosLike(scope, like as string)
    if (value?.shape.length === 2) {
      const attributes = { axis: int(1), reduction: { type: 'string', value: 'add' } as const }
      return [scope.node('ScatterElements', [into, labels as string, x as string], { attributes })]
    }
    return [scope.node('ScatterElements', [into, column(scope, labels as string), column(scope, x as string)], { attributes: { axis: int(1) } })]
  },
  rmsNorm: ({ scope, inputs, attributes: { epsilon } }) =>
    scope.nodes('SimplifiedLayerNormalization', inputs, {
      attributes: { axis: int(-1), epsilon: float(epsilon), stash_type: int(1) },
      outputs: 2,
    }),
  // ONNX Runtime's RotaryEmbedding wants a batch axis; a single position means "rows count from here".
  rope: ({ scope, inputs: [x, cos, sin], values, attributes: { heads, layout } }) => {
    const batched = scope.node('Unsqueeze', [x as string, vector(scope, [0])])
    const turned = scope.node('RotaryEmbedding', [batched, vector(scope, [0]), cos as string, sin as string], {
      domain: 'com.microsoft',
      attributes: { interleaved: int(layout === 'interleaved'), num_heads: int(heads), rotary_embedding_dim: int(rotatedDimensions(values, heads)) },
    })
    return [scope.node('Squeeze', [turned, vector(scope, [0])])]
  },
  // log sum exp = max - log(max softmax): the runtime's softmax is far faster than its ReduceLogSumExp.
  logSumExp: ({ scope, inputs: [x] }) => {
    const largest = (name: string): string =>
      scope.node('ReduceMax', [name, vector(scope, [-1])], { attributes: { keepdims: int(1) } })
    const softmax = scope.node('Softmax', [x as string], { attributes: { axis: int(-1) } })
    const top = largest(x as string)
    return [scope.node('Sub', [top, scope.node('Log', [largest(softmax)])]), softmax, top]
  },
  fillColumns: ({ scope, inputs: [x, labels], attributes: { value } }) => {
    const filler = scope.node('Expand', [scope.literal('f32', [1, 1], [value]), scope.node('Shape', [labels as string])])
    return [scope.node('ScatterElements', [x as string, labels as string, filler], { attributes: { axis: int(1) } })]
  },
  topK: ({ scope, inputs: [x], attributes: { k } }) =>
    scope.nodes('TopK', [x as string, vector(scope, [k])], { attributes: { axis: int(-1) }, outputs: 2 }),
  withGradient: ({ scope, inputs: [loss] }) => [scope.node('Identity', [loss as string])],
  chunkedRows: emitRowLoop,
}

// Builders: one function per operation, each returning a typed value. Names are given only when a graph is written.
import { showShape, symbol, type Shape } from './dims.ts'
import { shapeRules } from './shapes.ts'
import type { DType, Node, OpAttributes, OpName, RopeLayout, TensorType, Value } from './value.ts'

/** Builds a node and checks its shapes. Throws ShapeError. */
export function apply<K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): Value[] {
  const outputs: Value[] = []
  const node: Node<K> = { op, inputs, attributes, outputs }
  const rule = shapeRules[op] as (inputs: readonly Value[], attributes: OpAttributes[K]) => TensorType[]
  rule(inputs, attributes).forEach((type, output) => outputs.push({ ...type, node, output }))
  return outputs
}

const one = <K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): Value =>
  apply(op, inputs, attributes)[0] as Value

export type LeafOptions = { readonly shape: Shape; readonly dtype?: DType }

const leaf = (name: string, role: OpAttributes['leaf']['role'], { shape, dtype = 'f32' }: LeafOptions): Value =>
  one('leaf', [], { name, role, type: { shape, dtype } })

/** An input that is given anew for each run. */
export const feed = (name: string, options: LeafOptions): Value => leaf(name, 'feed', options)
/** A parameter that is trained: fed for each run, and its gradient may be asked for. */
export const trained = (name: string, shape: Shape): Value => leaf(name, 'trained', { shape })
/** A parameter that never changes; it is stored beside the graph. */
export const frozen = (name: string, shape: Shape): Value => leaf(name, 'frozen', { shape })

/** A literal of the given shape (default: a scalar). */
export const constant = (data: number | readonly number[], options: LeafOptions = { shape: [] }): Value =>
  one('constant', [], {
    data: typeof data === 'number' ? [data] : data,
    type: { shape: options.shape, dtype: options.dtype ?? 'f32' },
  })

export const add = (a: Value, b: Value): Value => one('add', [a, b], {})
export const sub = (a: Value, b: Value): Value => one('sub', [a, b], {})
export const mul = (a: Value, b: Value): Value => one('mul', [a, b], {})
export const div = (a: Value, b: Value): Value => one('div', [a, b], {})
export const neg = (x: Value): Value => one('neg', [x], {})
export const exp = (x: Value): Value => one('exp', [x], {})
export const log = (x: Value): Value => one('log', [x], {})
/** x sigmoid(x) (arXiv 1702.03118). */
export const silu = (x: Value): Value => one('silu', [x], {})
/** Gaussian error linear unit, tanh form (arXiv 1606.08415, section 2). */
export const gelu = (x: Value): Value => one('gelu', [x], {})
/** Over the last axis. */
export const softmax = (x: Value): Value => one('softmax', [x], {})
/** Over the last axis. */
export const logSoftmax = (x: Value): Value => one('logSoftmax', [x], {})

export type MatmulOptions = { readonly transposeA?: boolean; readonly transposeB?: boolean; readonly alpha?: number }
/** `alpha * op(a) op(b)` over the last two axes. */
export const matmul = (a: Value, b: Value, options: MatmulOptions = {}): Value =>
  one('matmul', [a, b], { transposeA: false, transposeB: false, alpha: 1, ...options })

/** Sum over the axes; they stay with size 1 when `keepDims`. */
export const sum = (x: Value, axes: readonly number[], options: { readonly keepDims?: boolean } = {}): Value =>
  axes.length === 0 ? x : one('sum', [x], { axes, keepDims: options.keepDims ?? false })

export const reshape = (x: Value, shape: Shape): Value =>
  showShape(x.shape) === showShape(shape) ? x : one('reshape', [x], { shape })
export const transpose = (x: Value, permutation: readonly number[]): Value => one('transpose', [x], { permutation })
/** Pieces of these sizes along an axis (default: the last one). */
export const split = (x: Value, sizes: readonly number[], axis = x.shape.length - 1): Value[] => apply('split', [x], { axis, sizes })
/** Joined along an axis (default: the last one), which has a fixed size. */
export const concat = (parts: readonly Value[], axis?: number): Value =>
  one('concat', parts, { axis: axis ?? (parts[0] as Value).shape.length - 1 })

export type SliceOptions = OpAttributes['slice']
/** Elements start, .., end - 1 of an axis of fixed size. */
export const slice = (x: Value, options: SliceOptions): Value =>
  options.start === 0 && options.end === x.shape[options.axis] ? x : one('slice', [x], options)
/** x between zeros along an axis of fixed size. */
export const pad = (x: Value, options: OpAttributes['pad']): Value => one('pad', [x], options)
/** Repeats x up to the shape of `like`. */
export const expand = (x: Value, like: Value): Value =>
  showShape(x.shape) === showShape(like.shape) ? x : one('expand', [x, like], {})

export const gatherRows = (x: Value, index: Value): Value => one('gatherRows', [x, index], {})
/** Adds the rows of x at `index` into zeros shaped as `like`. */
export const scatterAddRows = (x: Value, index: Value, like: Value): Value =>
  one('scatterAddRows', [x, index, like], {})
export const pick = (x: Value, labels: Value): Value => one('pick', [x, labels], {})
/** Puts x[i] at column labels[i] of row i of zeros shaped as `like`; with labels [R, K], adds each of x [R, K]. */
export const unpick = (x: Value, labels: Value, like: Value): Value => one('unpick', [x, labels, like], {})

/** Root mean square norm (arXiv 1910.07467) over the last axis: the normed value and the factor it was scaled by. */
export function rmsNorm(x: Value, w: Value, epsilon: number): { y: Value; factor: Value } {
  const [y, factor] = apply('rmsNorm', [x, w], { epsilon }) as [Value, Value]
  return { y, factor }
}

export type RopeOptions = { readonly cos: Value; readonly sin: Value; readonly heads: number; readonly layout: RopeLayout }
/** Rotary embedding (arXiv 2104.09864) of x [T, heads * D] by tables cos, sin [T, R / 2] of the first R <= D dimensions. */
export const rope = (x: Value, { cos, sin, heads, layout }: RopeOptions): Value =>
  one('rope', [x, cos, sin], { heads, layout })

/** Exact up to 2^24. */
export const toFloat = (x: Value): Value => one('toFloat', [x], {})

export type AttendInputs = { readonly q: Value; readonly k: Value; readonly v: Value; readonly mask: Value; readonly scale: number }
/** softmax(scale q k^T + mask) v of q [G, R, D], k and v [G, K, D], mask [G, R, K] (arXiv 1706.03762, section 3.2.1). */
export const attend = ({ q, k, v, mask, scale }: AttendInputs): Value => one('attend', [q, k, v, mask], { scale })

/** x as it is, but only once `token` is there. */
export const after = (x: Value, token: Value): Value => one('after', [x, token], {})

export const equal = (a: Value, b: Value): Value => one('equal', [a, b], {})
export const lessOrEqual = (a: Value, b: Value): Value => one('lessOrEqual', [a, b], {})
export const and = (a: Value, b: Value): Value => one('and', [a, b], {})
export const where = (condition: Value, a: Value, b: Value): Value => one('where', [condition, a, b], {})

/** `log sum exp(x)` over the last axis, which stays with size 1; its largest element `top` carries no gradient. */
export function logSumExp(x: Value): { y: Value; top: Value } {
  const [y, , top] = apply('logSumExp', [x], {}) as [Value, Value, Value]
  return { y, top }
}

/** x [R, V] with the columns labels [R, K] of each row replaced by a number. */
export const fillColumns = (x: Value, labels: Value, value: number): Value => one('fillColumns', [x, labels], { value })

/** The k largest of the last axis in descending order, and the columns [.., k] they stood in. */
export function topK(x: Value, k: number): { values: Value; columns: Value } {
  const [values, columns] = apply('topK', [x], { k }) as [Value, Value]
  return { values, columns }
}

/** `loss`, a scalar, whose gradients are known: pairs of a value and the gradient with respect to it. Nothing flows into `loss` itself. */
export const withGradient = (loss: Value, known: readonly (readonly [x: Value, gradient: Value])[]): Value =>
  one('withGradient', [loss, ...known.flat()], {})

/** Rows of a chunk. */
export const CHUNK = symbol('C')

/**
 * What `build` makes of a chunk of rows, for all rows. Each value of `rows` is cut along axis 0, those of `shared` are whole
 * in every chunk; `build` gets stand-ins for them and returns values that begin with the axis CHUNK, and then `summed` values of
 * other shapes that are added up over the chunks.
 */
export function chunkedRows(
  inputs: { readonly rows: readonly Value[]; readonly shared: readonly Value[] },
  build: (rows: readonly Value[], shared: readonly Value[]) => readonly Value[],
  { summed = 0 }: { readonly summed?: number } = {},
): Value[] {
  const all = [...inputs.rows, ...inputs.shared]
  const leaves = all.map(({ shape, dtype }, i) =>
    feed(`in${i}`, { shape: i < inputs.rows.length ? [CHUNK, ...shape.slice(1)] : shape, dtype }),
  )
  const outputs = build(leaves.slice(0, inputs.rows.length), leaves.slice(inputs.rows.length))
  return apply('chunkedRows', all, { body: { leaves, rows: inputs.rows.length, outputs, summed } })
}

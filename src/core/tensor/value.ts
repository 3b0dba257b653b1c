// Symbolic tensors: what an operation is, and the values it produces. Graphs are immutable; sharing is by reference.
import type { Shape } from './dims.ts'

export type DType = 'f32' | 'i64' | 'bool'
export type TensorType = { readonly shape: Shape; readonly dtype: DType }

/**
 * All operations and their attributes. Each job (shape, gradient, interpreter, ONNX) is a table with one row per
 * key of this type, so that a forgotten row does not compile.
 */
export type OpAttributes = {
  /** Comes from outside: `feed` anew for each run, `trained` is fed and gets gradients, `frozen` is stored with the graph. */
  leaf: { readonly name: string; readonly role: 'feed' | 'trained' | 'frozen'; readonly type: TensorType }
  /** A small literal. */
  constant: { readonly data: readonly number[]; readonly type: TensorType }
  add: NoAttributes
  sub: NoAttributes
  mul: NoAttributes
  div: NoAttributes
  neg: NoAttributes
  exp: NoAttributes
  log: NoAttributes
  /** `x sigmoid(x)`; the second output is sigmoid(x), for the backward pass. */
  silu: NoAttributes
  /** GELU in its tanh form, `x sigmoid(v)` with v = x (a + b x^2); the second output is sigmoid(v), for the backward pass. */
  gelu: NoAttributes
  /** `alpha * op(A) op(B)` over the last two axes; leading axes are equal. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly alpha: number }
  /** Sum over axes. */
  sum: { readonly axes: readonly number[]; readonly keepDims: boolean }
  reshape: { readonly shape: Shape }
  transpose: { readonly permutation: readonly number[] }
  /** Pieces of an axis of fixed size, one output a size. */
  split: { readonly axis: number; readonly sizes: readonly number[] }
  /** From `start` up to, not including, `end` along an axis of fixed size. */
  slice: { readonly axis: number; readonly start: number; readonly end: number }
  /** Zeros before and behind along an axis of fixed size. */
  pad: { readonly axis: number; readonly before: number; readonly after: number }
  /** Joins the inputs along an axis of fixed size. */
  concat: { readonly axis: number }
  /** Repeats dimensions of size 1 up to the shape of the second input, whose numbers are not read. */
  expand: NoAttributes
  /** Rows `x[index]` along axis 0. */
  gatherRows: NoAttributes
  /** Adds rows into zeros of the third input's shape: `out[index[i]] += x[i]`. */
  scatterAddRows: NoAttributes
  /** `x[i, label[i]]`; with several labels a row, `x[i, labels[i, k]]`. */
  pick: NoAttributes
  /** Spreads x into zeros of the third input's shape: `out[i, label[i]] = x[i]`, or adds where a row has several labels. */
  unpick: NoAttributes
  /** x with the columns labels[i, k] of row i replaced by the number. */
  fillColumns: { readonly value: number }
  /** The k largest of the last axis in descending order, and which columns they stood in. */
  topK: { readonly k: number }
  softmax: NoAttributes
  logSoftmax: NoAttributes
  /** Over the last axis, which stays with size 1; further outputs: softmax, for the backward pass, and the largest element. */
  logSumExp: NoAttributes
  /** `x / sqrt(mean(x^2) + epsilon) * w` over the last axis; the second output is the factor `1 / sqrt(...)`, last axis 1. */
  rmsNorm: { readonly epsilon: number }
  /**
   * Rotary position embedding of `heads` heads in the last axis. Tables of R / 2 columns turn the first R dimensions of each
   * head: interleaved the pairs (2i, 2i+1), halves the pairs (i, i + R/2); the others stay.
   */
  rope: { readonly heads: number; readonly layout: RopeLayout }
  /** Whole numbers as real ones. */
  toFloat: NoAttributes
  /**
   * Attention of q [G, R, D] over k, v [G, K, D]: softmax(scale q k^T + mask) v, with an additive mask [G, R, K]. The second
   * output is the softmax, for the backward pass.
   */
  attend: { readonly scale: number }
  /** The first input, not to be had before the second is: what is computed from it again is computed late. */
  after: NoAttributes
  equal: NoAttributes
  lessOrEqual: NoAttributes
  and: NoAttributes
  where: NoAttributes
  /** A graph computed over chunks of rows, so that what it holds in between never exists for all rows at once. */
  chunkedRows: { readonly body: RowBody }
  /** The first input, a scalar; then pairs: its gradient with respect to the first of each is declared to be the second. */
  withGradient: NoAttributes
}
/** v = x (linear + cubic x^2): twice the argument of GELU's tanh. */
export const GELU = { linear: 2 * Math.sqrt(2 / Math.PI), cubic: 2 * Math.sqrt(2 / Math.PI) * 0.044715 } as const

/**
 * What `chunkedRows` runs: a graph whose leaves are the inputs. The first `rows` inputs are cut into chunks along axis 0,
 * the others are the same for all. Outputs begin with the chunk's axis, but for the last `summed` of them, which the chunks add up.
 */
export type RowBody = {
  readonly leaves: readonly Value[]
  readonly rows: number
  readonly outputs: readonly Value[]
  readonly summed: number
}

export type NoAttributes = Readonly<Record<never, never>>
export type RopeLayout = 'interleaved' | 'halves'
export type OpName = keyof OpAttributes

export type Node<K extends OpName = OpName> = {
  readonly op: K
  readonly inputs: readonly Value[]
  readonly attributes: OpAttributes[K]
  readonly outputs: readonly Value[]
}

/** One result of a node: a tensor whose shape and dtype are known before anything runs. */
export type Value = TensorType & { readonly node: Node; readonly output: number }

/** All nodes that the values need, each after its inputs. What nodes of `stops` need is left out. */
export function topologicalOrder(values: readonly Value[], stops: ReadonlySet<Node> = new Set()): Node[] {
  const order: Node[] = []
  const state = new Map<Node, 'open' | 'done'>()
  // Own stack: a training graph is some thousand nodes deep.
  const stack = values.map((value) => value.node).reverse()
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const seen = state.get(node)
    if (seen === undefined) {
      state.set(node, 'open')
      for (let i = stops.has(node) ? -1 : node.inputs.length - 1; i >= 0; i--) {
        const input = (node.inputs[i] as Value).node
        if (!state.has(input)) stack.push(input)
      }
    } else {
      stack.pop()
      if (seen === 'open') {
        state.set(node, 'done')
        order.push(node)
      }
    }
  }
  return order
}

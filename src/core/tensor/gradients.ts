// Gradient rules: for each operation, the gradients of its inputs from those of its outputs, as new graph values.
import { sameDim, type Dim } from './dims.ts'
import {
  add, concat, constant, div, exp, expand, fillColumns, gatherRows, matmul, mul, neg, pad, pick, reshape, rope,
  scatterAddRows, slice, split, sub, sum, transpose, unpick, where,
} from './ops.ts'
import { GELU, type Node, type OpAttributes, type OpName, type Value } from './value.ts'

/**
 * `grads[i]` is the gradient of output i, or null when the loss does not depend on it.
 * A rule returns one gradient per input; null means that none can flow there. Unused ones are never run.
 */
export type GradientRule<K extends OpName> = (
  node: { readonly inputs: readonly Value[]; readonly outputs: readonly Value[]; readonly attributes: OpAttributes[K] },
  grads: readonly (Value | null)[],
) => (Value | null)[]

/** No gradient: the operation's inputs or outputs are not real numbers, or it comes from outside. */
const none: GradientRule<OpName> = (node) => node.inputs.map(() => null)

/** Sums a gradient back to the shape that was broadcast. */
function unbroadcast(gradient: Value, target: Value): Value {
  const lead = gradient.shape.length - target.shape.length
  const summed = sum(gradient, Array.from({ length: lead }, (_, i) => i))
  const axes = target.shape.flatMap((dim, i) => (dim === 1 && !sameDim(summed.shape[i] as Dim, 1) ? [i] : []))
  return sum(summed, axes, { keepDims: true })
}

type Inputs<N extends number> = N extends 1 ? [Value] : N extends 2 ? [Value, Value] : [Value, Value, Value]

/** Rule of an operation with one output that always has a gradient. */
const rule =
  <K extends OpName, N extends number>(
    _count: N,
    body: (d: Value, inputs: Inputs<N>, node: { y: Value; attributes: OpAttributes[K] }) => (Value | null)[],
  ): GradientRule<K> =>
  (node, [d]) =>
    body(d as Value, node.inputs as unknown as Inputs<N>, { y: node.outputs[0] as Value, attributes: node.attributes })

const last = (x: Value): number[] => [x.shape.length - 1]

export const gradientRules: { readonly [K in OpName]: GradientRule<K> } = {
  leaf: none,
  constant: none,
  add: rule(2, (d, [a, b]) => [unbroadcast(d, a), unbroadcast(d, b)]),
  sub: rule(2, (d, [a, b]) => [unbroadcast(d, a), unbroadcast(neg(d), b)]),
  mul: rule(2, (d, [a, b]) => [unbroadcast(mul(d, b), a), unbroadcast(mul(d, a), b)]),
  div: rule(2, (d, [a, b], { y }) => [unbroadcast(div(d, b), a), unbroadcast(neg(div(mul(d, y), b)), b)]),
  neg: rule(1, (d) => [neg(d)]),
  exp: rule(1, (d, _x, { y }) => [mul(d, y)]),
  log: rule(1, (d, [x]) => [div(d, x)]),
  // d silu / dx = sigma + y (1 - sigma) = y + sigma (1 - y)
  silu: (node, [d, dSigma]) => {
    if (dSigma) throw new Error('silu: sigmoid is for the backward pass; no gradient flows through it')
    const [y, sigma] = node.outputs as [Value, Value]
    return [mul(d as Value, add(y, mul(sigma, sub(constant(1), y))))]
  },
  // y = x s(v), v = x (a + b x^2): s + y (1 - s) (a + 3 b x^2)
  gelu: (node, [d, dSigma]) => {
    if (dSigma) throw new Error('gelu: sigmoid is for the backward pass; no gradient flows through it')
    const [x] = node.inputs as [Value]
    const [y, sigma] = node.outputs as [Value, Value]
    const slope = add(mul(mul(x, x), constant(3 * GELU.cubic)), constant(GELU.linear))
    return [mul(d as Value, add(sigma, mul(mul(y, sub(constant(1), sigma)), slope)))]
  },
  softmax: rule(1, (d, [x], { y }) => [mul(y, sub(d, sum(mul(d, y), last(x), { keepDims: true })))]),
  logSoftmax: rule(1, (d, [x], { y }) => [sub(d, mul(exp(y), sum(d, last(x), { keepDims: true })))]),
  toFloat: none,
  equal: none,
  lessOrEqual: none,
  and: none,
  where: rule(3, (d, [condition, a, b]) => {
    const zero = constant(0)
    return [null, unbroadcast(where(condition, d, zero), a), unbroadcast(where(condition, zero, d), b)]
  }),
  matmul: rule<'matmul', 2>(2, (d, [a, b], { attributes: { transposeA, transposeB, alpha } }) => [
    transposeA
      ? matmul(b, d, { transposeA: transposeB, transposeB: true, alpha })
      : matmul(d, b, { transposeB: !transposeB, alpha }),
    transposeB
      ? matmul(d, a, { transposeA: true, transposeB: transposeA, alpha })
      : matmul(a, d, { transposeA: !transposeA, alpha }),
  ]),
  sum: rule<'sum', 1>(1, (d, [x], { attributes: { axes } }) => [
    expand(reshape(d, x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))), x),
  ]),
  reshape: rule(1, (d, [x]) => [reshape(d, x.shape)]),
  transpose: rule<'transpose', 1>(1, (d, _x, { attributes: { permutation } }) => [
    transpose(d, permutation.map((_, i) => permutation.indexOf(i))),
  ]),
  split: (node, grads) => {
    const { axis, sizes } = node.attributes
    const total = (count: number): number => sizes.slice(0, count).reduce((sum, size) => sum + size, 0)
    if (grads.every((d) => d !== null)) return [concat(grads, axis)]
    const padded = grads.flatMap((d, i) => (d ? [pad(d, { axis, before: total(i), after: total(sizes.length) - total(i + 1) })] : []))
    return [padded.reduce(add)]
  },
  concat: (node, [d]) => {
    const { axis } = node.attributes
    return split(d as Value, node.inputs.map((part) => part.shape[axis] as number), axis)
  },
  slice: rule<'slice', 1>(1, (d, [x], { attributes: { axis, start, end } }) => [
    pad(d, { axis, before: start, after: (x.shape[axis] as number) - end }),
  ]),
  pad: rule<'pad', 1>(1, (d, [x], { attributes: { axis, before } }) => [
    slice(d, { axis, start: before, end: before + (x.shape[axis] as number) }),
  ]),
  // P = softmax, y = P v, d P = d v^T; a row's sum of P dP is that of y d (arXiv 2205.14135, appendix B.2).
  attend: (node, [d, dSoftmax]) => {
    if (dSoftmax) throw new Error('attend: the softmax is for the backward pass; no gradient flows through it')
    const [q, k, v] = node.inputs as [Value, Value, Value]
    const [y, softmax] = node.outputs as [Value, Value]
    const { scale } = node.attributes
    const incoming = d as Value
    const mean = sum(mul(incoming, y), last(y), { keepDims: true })
    const dScores = mul(softmax, sub(matmul(incoming, v, { transposeB: true }), mean))
    return [
      matmul(dScores, k, { alpha: scale }),
      matmul(dScores, q, { transposeA: true, alpha: scale }),
      matmul(softmax, incoming, { transposeA: true }),
      dScores,
    ]
  },
  after: rule(2, (d) => [d, null]),
  expand: rule(2, (d, [x]) => [unbroadcast(d, x), null]),
  gatherRows: rule(2, (d, [x, index]) => [scatterAddRows(d, index, x), null]),
  scatterAddRows: rule(3, (d, [, index]) => [gatherRows(d, index), null, null]),
  pick: rule(2, (d, [x, labels]) => [unpick(d, labels, x), null]),
  unpick: rule(3, (d, [, labels]) => [pick(d, labels), null, null]),
  rmsNorm: (node, [d, dFactor]) => {
    if (dFactor) throw new Error('rmsNorm: the factor is for the backward pass; no gradient flows through it')
    const [x, w] = node.inputs as [Value, Value]
    const factor = node.outputs[1] as Value
    const size = x.shape.at(-1)
    if (typeof size !== 'number') throw new Error('rmsNorm: its last axis must have a fixed size')
    // With s = d w and f the factor: f s - x f^3 mean(s x), where all that is cubed or averaged is one number a row.
    const scaled = mul(d as Value, w)
    const share = mul(sum(mul(scaled, x), last(x), { keepDims: true }), mul(mul(factor, constant(1 / size)), mul(factor, factor)))
    return [sub(mul(scaled, factor), mul(x, share)), unbroadcast(mul(d as Value, mul(x, factor)), w)]
  },
  // A rotation's transpose is the rotation by the opposite angle.
  rope: rule<'rope', 3>(3, (d, [, cos, sin], { attributes }) => [rope(d, { cos, sin: neg(sin), ...attributes }), null, null]),
  logSumExp: (node, [d, dSoftmax, dTop]) => {
    if (dSoftmax || dTop) throw new Error('logSumExp: gradients flow through the sum only')
    return [mul(node.outputs[1] as Value, d as Value)]
  },
  fillColumns: rule(2, (d, [, labels]) => [fillColumns(d, labels, 0), null]),
  topK: (node, [d]) => [unpick(d as Value, node.outputs[1] as Value, node.inputs[0] as Value)],
  // The loss is a number from outside; all that is known of it are these gradients.
  withGradient: ({ inputs }, [d]) => inputs.map((_, i) => (i % 2 === 1 ? mul(inputs[i + 1] as Value, d as Value) : null)),
  chunkedRows: () => {
    throw new Error('chunkedRows: gradients are taken within its body and declared by withGradient')
  },
}

export const gradientsOf = (node: Node, grads: readonly (Value | null)[]): (Value | null)[] =>
  (gradientRules[node.op] as GradientRule<OpName>)(node, grads)


// What many reference kernels are made of: elementwise forms, rows of the last axis, stretches of an axis.
import { broadcastOffsets, elements, type NdArray } from './ndarray.ts'
import type { OpAttributes, OpName, Value } from './value.ts'

export type Kernel<K extends OpName> = (call: {
  readonly inputs: readonly NdArray[]
  readonly outputs: readonly NdArray[]
  /** Which outputs anything reads. */
  readonly used: readonly boolean[]
  readonly attributes: OpAttributes[K]
  /** Runs another graph: the body of a control operation. */
  readonly interpret: (outputs: readonly Value[], feeds: ReadonlyMap<string, NdArray>) => NdArray[]
}) => void

export const at = (data: Float64Array, i: number): number => data[i] as number

export const zip =
  (f: (a: number, b: number) => number): Kernel<OpName> =>
  ({ inputs: [a, b], outputs: [y] }) => {
    const [A, B, Y] = [a as NdArray, b as NdArray, y as NdArray]
    const fromA = broadcastOffsets(A.shape, Y.shape)
    const fromB = broadcastOffsets(B.shape, Y.shape)
    for (let i = 0; i < Y.data.length; i++) Y.data[i] = f(at(A.data, fromA[i] as number), at(B.data, fromB[i] as number))
  }

export const map =
  (f: (x: number) => number): Kernel<OpName> =>
  ({ inputs: [x], outputs: [y] }) =>
    (x as NdArray).data.forEach((v, i) => ((y as NdArray).data[i] = f(v)))

/** Calls `f` with each stretch of the last axis: start offset and length. */
export const rowsOf = (x: NdArray, f: (start: number, length: number) => void): void => {
  const length = x.shape.at(-1) ?? 1
  for (let start = 0; start < x.data.length; start += length) f(start, length)
}

export function logSumExp(data: Float64Array, start: number, length: number): number {
  let max = -Infinity
  for (let i = start; i < start + length; i++) max = Math.max(max, at(data, i))
  let total = 0
  for (let i = start; i < start + length; i++) total += Math.exp(at(data, i) - max)
  return max + Math.log(total)
}

export const normaliseRows =
  (f: (logProbability: number) => number): Kernel<OpName> =>
  ({ inputs: [x], outputs: [y] }) =>
    rowsOf(x as NdArray, (start, length) => {
      const total = logSumExp((x as NdArray).data, start, length)
      for (let i = start; i < start + length; i++) (y as NdArray).data[i] = f(at((x as NdArray).data, i) - total)
    })

export const copy: Kernel<OpName> = ({ inputs: [x], outputs: [y] }) => (y as NdArray).data.set((x as NdArray).data)

type Arrays<N extends number> = N extends 1 ? [NdArray] : N extends 2 ? [NdArray, NdArray] : [NdArray, NdArray, NdArray]
export const kernel =
  <K extends OpName, N extends number>(
    _count: N,
    body: (inputs: Arrays<N>, y: NdArray, attributes: OpAttributes[K]) => void,
  ): Kernel<K> =>
  ({ inputs, outputs, attributes }) =>
    body(inputs as unknown as Arrays<N>, outputs[0] as NdArray, attributes)

/** Copies `count` steps of an axis, from step `from` of x to step `to` of y. */
export function copyAlong(axis: number, [x, y]: readonly [NdArray, NdArray], { from, to, count }: { from: number; to: number; count: number }): void {
  const inner = elements(x.shape.slice(axis + 1))
  const [wide, narrow] = [(x.shape[axis] as number) * inner, (y.shape[axis] as number) * inner]
  for (let outer = 0; outer * wide < x.data.length; outer++)
    y.data.set(x.data.subarray(outer * wide + from * inner, outer * wide + (from + count) * inner), outer * narrow + to * inner)
}

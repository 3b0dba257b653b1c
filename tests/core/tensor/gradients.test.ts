// Every operation's gradient rule against central finite differences in the interpreter.
import { describe, expect, test } from 'vitest'
import {
  feed, gradients, interpret, mul, ndarray, sum, type NdArray, type OpName, type Value,
} from '../../../src/core/tensor/index.ts'
import { opCases, type OpCase } from '../../support/opCases.ts'
import { random } from '../../support/random.ts'

/** A scalar that depends on every element differently: the sum of the first output times fixed random numbers. */
function scalarOf({ outputs, feeds }: OpCase): { loss: Value; feeds: Map<string, NdArray> } {
  const output = outputs[0] as Value
  if (output.shape.length === 0) return { loss: output, feeds: new Map(feeds) }
  const probe = feed('probe', { shape: output.shape })
  const shape = (interpret([output], feeds)[0] as NdArray).shape
  const next = random(99)
  const size = shape.reduce((product, n) => product * n, 1)
  const values = ndarray(shape, Array.from({ length: size }, () => next() * 2 - 1))
  return { loss: sum(mul(output, probe), shape.map((_, i) => i)), feeds: new Map(feeds).set('probe', values) }
}

const STEP = 1e-5

const differentiable = (Object.entries(opCases) as [OpName, readonly OpCase[]][]).filter(([, cases]) =>
  cases.some((one) => one.wrt.length > 0),
)

describe.each(differentiable)('gradient of %s', (_op, cases) => {
  test.each(cases.map((one, i) => [i, one] as const).filter(([, one]) => one.wrt.length > 0))('case %i', (_i, one) => {
    const { loss, feeds } = scalarOf(one)
    const analytic = interpret(gradients(loss, one.wrt), feeds)
    one.wrt.forEach((leaf, w) => {
      const { name } = leaf.node.attributes as { name: string }
      const at = feeds.get(name) as NdArray
      const value = (data: Float64Array): number =>
        (interpret([loss], new Map(feeds).set(name, { shape: at.shape, data }))[0] as NdArray).data[0] as number
      at.data.forEach((x, i) => {
        const numeric = (value(at.data.with(i, x + STEP)) - value(at.data.with(i, x - STEP))) / (2 * STEP)
        expect((analytic[w] as NdArray).data[i]).toBeCloseTo(numeric, 6)
      })
    })
  })
})

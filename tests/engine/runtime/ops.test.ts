// Every operation and its gradient as ONNX in ONNX Runtime against the interpreter.
import { describe, expect, test } from 'vitest'
import {
  feed, gradients, interpret, ndarray, scatterAddRows, sum, symbol, topologicalOrder, type NdArray, type OpName, type Value,
} from '../../../src/core/tensor/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { opCases, type OpCase } from '../../support/opCases.ts'
import { toFed } from '../../support/fed.ts'

const runtime = createOnnxRuntime({ threads: 1 })

describe.each(Object.entries(opCases) as [OpName, readonly OpCase[]][])('%s in ONNX Runtime', (op, cases) => {
  test.each(cases.map((one, i) => [i, one] as const))('case %i', async (_i, one) => {
    const first = one.outputs[0] as Value
    const loss = sum(first, first.shape.map((_, i) => i))
    const values = [...one.outputs, ...gradients(loss, one.wrt)]
    const outputs = new Map(values.map((value, i) => [`output_${i}`, value]))
    const used = new Set(
      topologicalOrder(values).flatMap((node) => (node.op === 'leaf' ? [(node.attributes as { name: string }).name] : [])),
    )
    const feeds = new Map([...one.feeds].filter(([name]) => used.has(name)))
    const graph = await runtime.compile(`op_${op}`, outputs)
    const results = await graph.run(toFed(values, feeds))
    await graph.dispose()
    interpret(values, feeds).forEach((expected: NdArray, i) => {
      const found = results.get(`output_${i}`) as Float32Array
      expect(found.length).toBe(expected.data.length)
      expected.data.forEach((x, k) => expect(Math.abs((found[k] as number) - x)).toBeLessThan(2e-5 * (1 + Math.abs(x))))
    })
  })
})

test('rows added under one number from several threads: none is lost', async () => {
  const [rows, width, kept] = [4000, 64, 8]
  const x = feed('x', { shape: [symbol('R'), width] })
  const index = feed('index', { shape: [symbol('R')], dtype: 'i64' })
  const sums = scatterAddRows(x, index, feed('like', { shape: [kept, width] }))
  const feeds = new Map([
    ['x', ndarray([rows, width], new Float32Array(rows * width).fill(1))],
    ['index', ndarray([rows], Array.from({ length: rows }, (_, row) => row % kept))],
    ['like', ndarray([kept, width], new Float32Array(kept * width))],
  ])
  const graph = await createOnnxRuntime({ threads: 2 }).compile('scatter', new Map([['sums', sums]]))
  const found = (await graph.run(toFed([sums], feeds))).get('sums') as Float32Array
  await graph.dispose()
  expect(new Set(found)).toEqual(new Set([rows / kept]))
})

// Every row of the table of losses in ONNX Runtime: against PyTorch's figures, and against the interpreter.
import { afterAll, describe, expect, test } from 'vitest'
import { interpret } from '../../../src/core/tensor/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { toFed } from '../../support/fed.ts'
import { relativeError } from '../../support/golden.ts'
import { golden, lossCases, tensors, trainedHead } from '../../support/lossCases.ts'

const errors: string[] = []
afterAll(() => console.log(errors.join('\n')))

describe.each(Object.entries(lossCases))('%s', (name, one) => {
  test.each([1, 2])('with %i threads', async (threads) => {
    const all = [one.perToken, one.mean, one.gradient]
    const graph = await createOnnxRuntime({ threads }).compile('loss', new Map(all.map((value, i) => [`output_${i}`, value])))
    const results = await graph.run(toFed(all, one.feeds))
    await graph.dispose()
    const found = all.map((_, i) => results.get(`output_${i}`) as Float32Array)
    const judged = interpret(all, one.feeds).map(({ data }) => data)
    const between = found.map((values, i) => relativeError(values, judged[i]!))
    for (const error of between) expect(error).toBeLessThan(3e-6)
    const expected = golden.losses[one.golden]!
    const worst = [
      relativeError(found[0]!, expected.per_token),
      relativeError(found[1]!, [expected.weighted_mean]),
      relativeError(found[2]!, tensors.get(`${one.golden}.grad`)!),
    ]
    if (threads === 1) errors.push(`${name}: rel ${worst.map((error) => error.toExponential(1)).join(', ')}`)
    for (const error of worst) expect(error).toBeLessThan(1e-5)
  })
})

test.each([1, 128, 129, 300])('a head that is trained, %i rows: the same in all chunkings', async (rows) => {
  const { loss, gradients, feeds } = trainedHead(rows)
  const all = [loss, ...gradients]
  const graph = await createOnnxRuntime({ threads: 2 }).compile('head', new Map(all.map((value, i) => [`output_${i}`, value])))
  const results = await graph.run(toFed(all, feeds))
  await graph.dispose()
  interpret(all, feeds).forEach(({ data }, i) => expect(relativeError(results.get(`output_${i}`)!, data)).toBeLessThan(2e-6))
})

test('a student whose tail is next to nothing: the gradient in single precision is that of the interpreter', async () => {
  const one = lossCases['forward KL, top 8 and tail']!
  const h = one.feeds.get('h')!
  // Tokens that the teacher names are 30 above all others: what is left of 1 is some 1e-12, which 1 - sum would lose.
  const named = one.feeds.get('candidates')!
  const data = h.data.slice()
  named.data.forEach((id, i) => (data[Math.floor(i / named.shape[1]!) * h.shape[1]! + id] = 30 + (i % 5)))
  const feeds = new Map(one.feeds).set('h', { shape: h.shape, data })
  const all = [one.perToken, one.gradient]
  const graph = await createOnnxRuntime({ threads: 1 }).compile('tail', new Map(all.map((value, i) => [`output_${i}`, value])))
  const results = await graph.run(toFed(all, feeds))
  await graph.dispose()
  const judged = interpret(all, feeds)
  expect(Math.max(...judged[0]!.data)).toBeGreaterThan(3)
  judged.forEach(({ data: expected }, i) => expect(relativeError(results.get(`output_${i}`)!, expected)).toBeLessThan(3e-6))
})

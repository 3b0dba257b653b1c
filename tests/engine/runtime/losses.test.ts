// Cross entropy against PyTorch's figures and gradients, in the interpreter and in ONNX Runtime, fused and composed.
import { describe, expect, test } from 'vitest'
import {
  div, exp, feed, gradients, headCrossEntropy, interpret, log, logSoftmax, mul, ndarray, neg, pick, softmax, sub, sum,
  symbol, type NdArray, type Value,
} from '../../../src/core/tensor/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { toFed } from '../../support/fed.ts'
import { goldenPath, readFloatTensors, readJson, relativeError } from '../../support/golden.ts'

type Golden = {
  n: number
  vocab: number
  labels: number[]
  weights: number[]
  losses: { ce: { per_token: number[]; weighted_mean: number } }
}
const golden = readJson<Golden>(goldenPath('losses/losses.json'))
const tensors = readFloatTensors(goldenPath('losses/losses.safetensors'))
const { n, vocab, labels, weights } = golden
const { per_token: perToken, weighted_mean: weightedMean } = golden.losses.ce

const N = symbol('N')
const h = feed('h', { shape: [N, vocab] })
const head = feed('head', { shape: [vocab, vocab] })
const label = feed('labels', { shape: [N], dtype: 'i64' })
const weight = feed('weights', { shape: [N] })
const feeds = new Map<string, NdArray>([
  ['h', ndarray([n, vocab], tensors.get('student_logits') as Float32Array)],
  // The identity: the logits are h.
  ['head', ndarray([vocab, vocab], Array.from({ length: vocab * vocab }, (_, i) => (i % (vocab + 1) === 0 ? 1 : 0)))],
  ['labels', ndarray([n], labels)],
  ['weights', ndarray([n], weights)],
])

/** Each form: the loss of every token, and sum of weight * loss. */
const forms: Record<string, { nll: Value; loss: Value }> = {
  headCrossEntropy: headCrossEntropy(h, { head, labels: label, weights: weight }),
  'logSoftmax and pick': composed(neg(pick(logSoftmax(h), label))),
  'log of softmax': composed(neg(log(pick(softmax(h), label)))),
  'log of the sum of exp': composed(sub(log(sum(exp(h), [1])), pick(h, label))),
}

function composed(nll: Value): { nll: Value; loss: Value } {
  return { nll, loss: sum(mul(weight, nll), [0]) }
}

function values({ nll, loss }: { nll: Value; loss: Value }): Value[] {
  const mean = div(loss, sum(weight, [0]))
  return [nll, mean, ...gradients(mean, [h])]
}

function compare(found: readonly ArrayLike<number>[], tolerance: number): void {
  const [nll, mean, gradient] = found as [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>]
  expect(relativeError(nll, perToken)).toBeLessThan(tolerance)
  expect(relativeError(mean, [weightedMean])).toBeLessThan(tolerance)
  expect(gradient.length).toBe(n * vocab)
  expect(relativeError(gradient, tensors.get('ce.grad') as Float32Array)).toBeLessThan(tolerance)
}

test('the golden is what it says: twelve tokens, two of them without weight', () => {
  expect([n, vocab, weights.filter((w) => w === 0).length]).toEqual([12, 64, 2])
})

// The golden's gradients are float32; its figures are doubles.
test.each(Object.entries(forms))('%s in the interpreter', (_name, form) => {
  compare(interpret(values(form), feeds).map(({ data }) => data), 2e-7)
})

describe('in ONNX Runtime', () => {
  const runtime = createOnnxRuntime({ threads: 1 })
  test.each(Object.entries(forms))('%s', async (_name, form) => {
    const all = values(form)
    const graph = await runtime.compile('loss', new Map(all.map((value, i) => [`output_${i}`, value])))
    const used = toFed(all, feeds)
    const results = await graph.run(used)
    await graph.dispose()
    compare(all.map((_, i) => results.get(`output_${i}`) as Float32Array), 3e-6)
  })
})

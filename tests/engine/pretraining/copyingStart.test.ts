// Start values built by hand: before any training they predict what followed the same tokens before, and no other start does.
import { afterAll, describe, expect, test } from 'vitest'
import { initialWeights, scoringGraph, trainedTensors, type ModelConfig } from '../../../src/core/nn/index.ts'
import { configOf, copyingStart, streamOf, windowsOf } from '../../../src/core/pipeline/pretraining/index.ts'
import { windowFeeds } from '../../../src/core/pipeline/pretraining/loop.ts'
import { adapterFeeds } from '../../../src/core/pipeline/training/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { random } from '../../support/random.ts'

const SHAPE = { layers: 3, width: 128, heads: 4, kvHeads: 2, inner: 64, tied: true, ropeBase: 1e6 }
const config = configOf(SHAPE, { vocabulary: 400, context: 128 })
const runtime = createOnnxRuntime({ threads: 2 })
const graph = runtime.compile('start', scoringGraph(config, 'full'))
afterAll(async () => (await graph).dispose())

/** Mean nats a token of a random sequence, and of the same sequence behind it from its second token on. */
async function firstAndAgain(parameters: Map<string, Float32Array>): Promise<{ first: number; again: number }> {
  const next = random(8)
  const sums = { first: 0, again: 0 }
  const LENGTH = 30
  for (let i = 0; i < 4; i++) {
    const given = Array.from({ length: LENGTH }, () => 20 + Math.floor(next() * 300))
    const stream = streamOf([[...given, 5, ...given]])
    const [window = []] = windowsOf(stream, 128)
    const feeds = new Map([...windowFeeds(window, { config, stream, weight: 1 }), ...adapterFeeds(trainedTensors(config, 'full'), parameters)])
    const nll = (await (await graph).run(feeds)).get('nll') as Float32Array
    sums.first += nll.subarray(0, LENGTH).reduce((sum, x) => sum + x / LENGTH / 4, 0)
    sums.again += nll.subarray(LENGTH + 2, 2 * LENGTH + 1).reduce((sum, x) => sum + x / (LENGTH - 1) / 4, 0)
  }
  return sums
}

describe('a sequence and the same again', () => {
  test('a plain start knows nothing of either', async () => {
    const { first, again } = await firstAndAgain(initialWeights(config, createRandom(1)))
    expect(first).toBeCloseTo(Math.log(400), 0)
    expect(again).toBeCloseTo(Math.log(400), 0)
  })
  test('a start that copies knows it the second time', async () => {
    const { first, again } = await firstAndAgain(copyingStart(config, createRandom(1)))
    expect(first).toBeGreaterThan(5)
    expect(again).toBeLessThan(2)
  })
})

test.each<[string, Partial<ModelConfig>]>([
  ['narrow', { width: 96 }],
  ['one head of keys', { kvHeads: 1 }],
  ['one layer', { layers: 1 }],
  ['a head of its own', { tied: false }],
  ['nothing but fast pairs', { rope: { frequencies: Array.from({ length: 16 }, () => 1), magnitude: 1 } }],
])('no room: %s', (_, other) => {
  expect(() => copyingStart({ ...config, ...other }, createRandom(1))).toThrow(expect.objectContaining({ code: 'bad-shape' }))
})

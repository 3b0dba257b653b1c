// Loss scaling: halved where gradients overflow, and the results are those without a scale.
import { expect, test } from 'vitest'
import { LOSS_SCALE } from '../../../src/core/nn/index.ts'
import { withLossScale } from '../../../src/core/pipeline/training/index.ts'
import type { CompiledGraph } from '../../../src/core/ports/index.ts'
import { trainingGraph, initialLora, loraMatrices } from '../../../src/core/nn/index.ts'
import { adapterFeeds, makeBatch } from '../../../src/core/pipeline/training/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { TINY, tinyWeights } from '../../support/tinyModel.ts'

/** A graph whose gradient overflows above a scale. */
function overflowing(above: number): CompiledGraph & { scales: number[] } {
  const scales: number[] = []
  return {
    scales,
    async run(feeds) {
      const scale = (feeds.get(LOSS_SCALE)?.data as Float32Array)[0] as number
      scales.push(scale)
      return new Map([['loss', Float32Array.of(1)], ['d_a', Float32Array.of(scale > above ? Infinity : 0.5)]])
    },
    async dispose() {},
  }
}

test('an overflow makes the pass again with half the scale, and it stays there', async () => {
  const graph = overflowing(2 ** 13)
  const told: number[] = []
  const scaled = withLossScale(graph, (scale) => told.push(scale))
  expect((await scaled.run(new Map())).get('d_a')).toEqual(Float32Array.of(0.5))
  await scaled.run(new Map())
  expect(graph.scales).toEqual([2 ** 15, 2 ** 14, 2 ** 13, 2 ** 13])
  expect(told).toEqual([2 ** 14, 2 ** 13])
})

test('after many passes without overflow a larger scale is tried', async () => {
  const graph = overflowing(Infinity)
  const scaled = withLossScale(graph)
  for (let pass = 0; pass < 2001; pass++) await scaled.run(new Map())
  expect(graph.scales.at(-2)).toBe(2 ** 15)
  expect(graph.scales.at(-1)).toBe(2 ** 16)
})

test('what is infinite without scaling is handed on', async () => {
  const graph = overflowing(-1)
  expect((await withLossScale(graph).run(new Map())).get('d_a')).toEqual(Float32Array.of(Infinity))
  expect(graph.scales.at(-1)).toBe(1)
})

test('with the scale the training graph yields what it yields without', async () => {
  const lora = { rank: 2, alpha: 4 }
  const matrices = loraMatrices(TINY, lora)
  const random = createRandom(4)
  const parameters = new Map([...initialLora(matrices, random)].map(([name, values]) => [name, values.map(() => random.next() - 0.5)]))
  const { feeds } = makeBatch({ config: TINY, sequences: [{ ids: [1, 5, 9, 2, 7] }], weightOf: () => 0.25 })
  const fed = new Map([...feeds, ...adapterFeeds(matrices, parameters)])
  const runtime = interpreterRuntime(tinyWeights())
  const plain = await (await runtime.compile('plain', trainingGraph(TINY, lora))).run(fed)
  const scaled = await withLossScale(await runtime.compile('scaled', trainingGraph(TINY, lora, { scaleLoss: true }))).run(fed)
  expect([...scaled.keys()]).toEqual([...plain.keys()])
  for (const [name, values] of plain) {
    const found = scaled.get(name) as Float32Array
    values.forEach((value, i) => expect(Math.abs((found[i] as number) - value)).toBeLessThan(1e-6 * (1 + Math.abs(value))))
  }
})

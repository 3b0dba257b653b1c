// Loss scaling: halved where gradients overflow, and the results are those without a scale.
import { expect, test } from 'vitest'
import { adamW, ADAMW_DEFAULTS, initialLora, LOSS_SCALE, loraMatrices, trainingGraph } from '../../../src/core/nn/index.ts'
import {
  adapterFeeds, CALM, makeBatch, planSteps, readCheckpoint, runTraining, withLossScale, writeCheckpoint, type TrainState,
} from '../../../src/core/pipeline/training/index.ts'
import type { CompiledGraph } from '../../../src/core/ports/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import type { MetricsLine } from '../../../src/shared/contract/metrics.ts'
import { bytesSource, collect } from '../../support/bytes.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'

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
  const scaled = withLossScale(graph, { onChange: (scale) => told.push(scale) })
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

test('stopped before any pass, its checkpoint read again: the scale goes on where it was, and every number is that of the whole run', async () => {
  const lora = { rank: 2, alpha: 4 }
  const matrices = loraMatrices(TINY, lora)
  const shapes = new Map(matrices.map(({ name, shape }) => [name, shape]))
  const examples = madeExamples([9, 14, 5, 11, 7, 12], { vocabulary: TINY.vocabulary, seed: 21 })
  const settings = { batchTokens: 25, microTokens: 14, epochs: 1, maxSteps: undefined, seed: 2, lr: 0.01, schedule: 'constant', warmupSteps: 0 } as const
  const steps = planSteps(examples, settings)
  const compiled = await interpreterRuntime(tinyWeights()).compile('train', trainingGraph(TINY, lora, { scaleLoss: true }))
  /** As half precision does: gradients hold few bits below the scale, and long passes overflow at a smaller one than short ones. */
  const half: CompiledGraph = {
    ...compiled,
    async run(feeds) {
      const scale = (feeds.get(LOSS_SCALE)?.data as Float32Array)[0] as number
      const most = (feeds.get('ids')?.shape[0] as number) > 10 ? 2 ** 11 : Infinity
      const rounded = (x: number): number => (scale > most ? Infinity : Math.round(x * scale) / scale)
      return new Map([...(await compiled.run(feeds))].map(([name, values]) => [name, name.startsWith('d_') ? values.map(rounded) : values]))
    },
  }
  const start = (): TrainState => {
    const random = createRandom(4)
    const parameters = new Map([...initialLora(matrices, random)].map(([name, values]) => [name, values.map(() => random.next() - 0.5)]))
    return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
  }
  const train = async (state: TrainState, stopAt = Infinity) => {
    const log: MetricsLine[] = []
    let calls = 0
    await runTraining({
      config: TINY, trainable: lora, adamW: ADAMW_DEFAULTS, clipNorm: 0, examples, steps, graph: withLossScale(half, { state }), state,
      now: () => 0, proceed: async () => (++calls === stopAt ? 'stop' : 'go'), onStep: (metrics) => log.push(metrics),
    })
    return { log, state, calls }
  }
  const again = (state: TrainState): TrainState => readCheckpoint(bytesSource(collect((sink) => writeCheckpoint(state, { shapes, sha256, sink }))), sha256)

  const whole = await train(start())
  expect(whole.state.lossScale!.scale).toBe(2 ** 11)
  let forgotten = 0
  for (let call = 1; call <= whole.calls; call++) {
    const begun = await train(start(), call)
    const rest = await train(again(begun.state))
    expect([...begun.log, ...rest.log]).toEqual(whole.log)
    expect(rest.state.lossScale).toEqual(whole.state.lossScale)
    for (const { name } of matrices) expect(rest.state.parameters.get(name)).toEqual(whole.state.parameters.get(name))
    // What went wrong while checkpoints had no scale.
    const { lossScale: _, ...bare } = begun.state
    const lost = await train(again(bare))
    if (JSON.stringify(lost.log) !== JSON.stringify(rest.log) || lost.state.lossScale!.calm !== rest.state.lossScale!.calm) forgotten += 1
  }
  expect(forgotten).toBeGreaterThan(0)
})

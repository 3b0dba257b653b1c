// Full-parameter training: gradients of every tensor of every kind of family, and a run that goes on from its checkpoint.
import { describe, expect, test } from 'vitest'
import { adamW, ADAMW_DEFAULTS, gradientOf, initialWeights, plainRope, trainedTensors, trainingGraph, type ModelConfig } from '../../../src/core/nn/index.ts'
import {
  adapterFeeds, CALM, makeBatch, planSteps, readCheckpoint, runTraining, writeCheckpoint, type TrainState,
} from '../../../src/core/pipeline/training/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { interpret, ndarray, type NdArray } from '../../../src/core/tensor/index.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import { bytesSource, collect } from '../../support/bytes.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { random } from '../../support/random.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'

const QKV = ['attn_q', 'attn_k', 'attn_v']
const FAMILIES: Readonly<Record<string, ModelConfig>> = {
  llama: { ...TINY, tied: false, biases: [...QKV, 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] },
  qwen2: { ...TINY, architecture: 'qwen2', biases: QKV },
  qwen3: { ...TINY, architecture: 'qwen3', headSize: 6, rope: plainRope({ size: 6, base: 1e6 }) },
  gemma3: { ...TINY, architecture: 'gemma3', layers: 2, window: { size: 3, period: 2, rope: plainRope({ size: 4, base: 100 }) } },
  phi3: { ...TINY, architecture: 'phi3', tied: false, rope: plainRope({ size: 2, base: 1e4 }) },
}
/** In the interpreter, which computes in double precision. */
const STEP = 1e-5

describe.each(Object.entries(FAMILIES))('%s', (_name, config) => {
  test('gradients of all tensors are those of finite differences', () => {
    const outputs = trainingGraph(config, 'full')
    const [loss, ...grads] = ['loss', ...trainedTensors(config, 'full').map(({ name }) => gradientOf(name))].map((name) => outputs.get(name)!)
    const { feeds } = makeBatch({
      config,
      sequences: [{ ids: [3, 9, 1, 9, 14, 20] }, { ids: [7, 2, 5] }],
      weightOf: ({ sequence, token }) => (sequence === 0 && token < 3 ? null : 0.1 * token),
    })
    const arrays = new Map<string, NdArray>([...feeds].map(([name, { shape, data }]) => [name, ndarray(shape, data)]))
    for (const [name, array] of tinyWeights(config, 6)) arrays.set(name, array)
    const found = interpret(grads, arrays)
    const next = random(3)
    trainedTensors(config, 'full').forEach(({ name }, i) => {
      const { shape, data } = arrays.get(name)!
      // Of the embedding a row that is read twice, elsewhere any place.
      const at = name === 'token_embd.weight' ? 9 * config.width + 1 : Math.floor(next() * data.length)
      const value = (x: number): number => interpret([loss!], new Map(arrays).set(name, { shape, data: data.with(at, x) }))[0]!.data[0]!
      const numeric = (value(data[at]! + STEP) - value(data[at]! - STEP)) / (2 * STEP)
      expect(found[i]!.data[at], name).toBeCloseTo(numeric, 6)
    })
  })
})

test('a run over all weights learns, and goes on from its checkpoint, vectors included, as if it had not stopped', async () => {
  const examples = madeExamples([9, 14, 5, 11], { vocabulary: TINY.vocabulary, seed: 21 })
  const steps = planSteps(examples, {
    batchTokens: 20, microTokens: 20, epochs: 6, maxSteps: undefined, seed: 2, lr: 0.02, schedule: 'constant', warmupSteps: 0,
  })
  const trained = trainedTensors(TINY, 'full')
  const graph = await interpreterRuntime(new Map()).compile('train', trainingGraph(TINY, 'full'))
  const train = async (state: TrainState, until: number): Promise<(number | null)[]> => {
    const losses: (number | null)[] = []
    await runTraining({
      config: TINY, trainable: 'full', adamW: ADAMW_DEFAULTS, clipNorm: 1, examples, steps: steps.slice(0, until), graph, state, now: () => 0,
      proceed: async () => 'go', onStep: ({ loss }) => losses.push(loss),
    })
    return losses
  }
  const fresh = (): TrainState => {
    const parameters = initialWeights(TINY, createRandom(4))
    return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
  }
  const whole = await train(fresh(), steps.length)
  expect(whole.at(-1)!).toBeLessThan(whole[0]! - 0.3)
  const state = fresh()
  const first = await train(state, 3)
  const shapes = new Map(trained.map(({ name, shape }) => [name, shape]))
  const bytes = collect((sink) => writeCheckpoint(state, { shapes, sha256, sink }))
  const restored = readCheckpoint(bytesSource(bytes), sha256)
  expect(restored.parameters.get('output_norm.weight')).toEqual(state.parameters.get('output_norm.weight'))
  expect([...first, ...(await train(restored, steps.length))]).toEqual(whole)
  expect([...adapterFeeds(trained, state.parameters).get('output_norm.weight')!.shape]).toEqual([TINY.width])
})

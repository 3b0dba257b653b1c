// Dropout in the training loop: the same seed drops the same, a resumed run drops what the whole run would, scoring drops nothing.
import { beforeAll, expect, test } from 'vitest'
import { adamW, ADAMW_DEFAULTS, initialLora, loraMatrices, scoringGraph, trainingGraph } from '../../../src/core/nn/index.ts'
import { CALM, planSteps, runTraining, withDropout, type TrainState } from '../../../src/core/pipeline/training/index.ts'
import type { CompiledGraph, FedTensor } from '../../../src/core/ports/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { topologicalOrder } from '../../../src/core/tensor/index.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'

const LORA = { rank: 2, alpha: 4, dropout: 0.5 }
const examples = madeExamples([9, 14, 5, 11], { vocabulary: TINY.vocabulary, seed: 21 })
const steps = planSteps(examples, {
  batchTokens: 12, microTokens: 20, epochs: 2, maxSteps: undefined, seed: 2, lr: 0.05, schedule: 'constant', warmupSteps: 0,
})
const outputs = trainingGraph(TINY, LORA)
let compiled: CompiledGraph
beforeAll(async () => {
  compiled = await interpreterRuntime(tinyWeights()).compile('train', outputs)
})

function fresh(): TrainState {
  const parameters = initialLora(loraMatrices(TINY, LORA), createRandom(1))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
}

/** Losses from the state's step on to `until`, as a process of its own would make them. */
async function train(state: TrainState, { seed = 5, until = steps.length } = {}): Promise<(number | null)[]> {
  const losses: (number | null)[] = []
  const graph = withDropout(compiled, { outputs, share: LORA.dropout, seed, step: () => state.step })
  await runTraining({
    config: TINY, trainable: LORA, adamW: ADAMW_DEFAULTS, clipNorm: 0, examples, steps: steps.slice(0, until), graph, state, now: () => 0,
    proceed: async () => 'go', onStep: ({ loss }) => losses.push(loss),
  })
  return losses
}

test('a run and its repetition are equal, another seed gives another one, a resumed run is the whole one', async () => {
  const whole = await train(fresh())
  expect(whole.length).toBeGreaterThan(3)
  expect(await train(fresh())).toEqual(whole)
  expect(await train(fresh(), { seed: 6 })).not.toEqual(whole)
  const state = fresh()
  const first = await train(state, { until: 2 })
  expect([...first, ...(await train(state))]).toEqual(whole)
})

test('masks drop their share, differ from pass to pass, and are of the pass in size', async () => {
  const seen: Map<string, FedTensor>[] = []
  const spy: CompiledGraph = { run: async (feeds) => (seen.push(new Map(feeds)), new Map()), dispose: async () => {} }
  const graph = withDropout(spy, { outputs, share: 0.25, seed: 1, step: () => 3 })
  const feeds = new Map<string, FedTensor>(
    [['ids', 900], ['rows', 500]].map(([name, size]) => [name as string, { dtype: 'i64', shape: [size as number], data: new BigInt64Array(size as number) }]),
  )
  for (const _ of [1, 2]) await graph.run(feeds)
  const [one, two] = seen.map((all) => all.get('blk.0.attn_q.weight.dropout')!)
  expect(one!.shape).toEqual([900, TINY.width])
  // The last block's queries are those of the supervised rows.
  expect(seen[0]!.get('blk.1.attn_q.weight.dropout')!.shape).toEqual([500, TINY.width])
  expect(seen[0]!.get('blk.1.attn_k.weight.dropout')!.shape).toEqual([900, TINY.width])
  const share = [...one!.data].filter((kept) => kept === 0).length / one!.data.length
  expect(share).toBeGreaterThan(0.23)
  expect(share).toBeLessThan(0.27)
  expect(two!.data).not.toEqual(one!.data)
})

test('the scoring graph drops nothing', () => {
  const leaves = topologicalOrder([...scoringGraph(TINY, LORA).values()]).flatMap(({ attributes }) => ('name' in attributes ? [attributes.name] : []))
  expect(leaves).toContain('blk.0.attn_q.weight.lora_a')
  expect(leaves.filter((name) => name.endsWith('.dropout'))).toEqual([])
})

// The training loop over the interpreter: packing changes nothing, the step's own weight sum divides, stops and bad numbers leave the state whole.
import { beforeAll, describe, expect, test } from 'vitest'
import { adamW, ADAMW_DEFAULTS, initialLora, loraMatrices, scoringGraph, trainingGraph, type Parameters } from '../../../src/core/nn/index.ts'
import { CALM, makeBatch, planSteps, readCheckpoint, runTraining, treeTokens, writeCheckpoint, type TrainLoop, type TrainState } from '../../../src/core/pipeline/training/index.ts'
import type { CompiledGraph, FedTensor } from '../../../src/core/ports/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import type { MetricsLine } from '../../../src/shared/contract/metrics.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import { bytesSource, collect } from '../../support/bytes.ts'
import { relativeError } from '../../support/golden.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { random } from '../../support/random.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'

const LORA = { rank: 2, alpha: 4 }
const MATRICES = loraMatrices(TINY, LORA)
const runtime = interpreterRuntime(tinyWeights())
const examples = madeExamples([9, 14, 5, 11, 7, 12], { vocabulary: TINY.vocabulary, seed: 21 })
const SETTINGS = { batchTokens: 25, microTokens: 40, epochs: 1, maxSteps: undefined, seed: 2, lr: 0.01, schedule: 'constant', warmupSteps: 0 } as const
const plan = (change: Partial<{ microTokens: number; batchTokens: number; epochs: number }> = {}) =>
  planSteps(examples, { ...SETTINGS, ...change })

let graph: CompiledGraph
beforeAll(async () => {
  graph = await runtime.compile('train', trainingGraph(TINY, LORA))
})

/** B is not zero, so that every matrix has a gradient. */
function freshState(): TrainState {
  const next = random(8)
  const parameters = new Map([...initialLora(MATRICES, createRandom(1))].map(([name, a]) => [name, a.map(() => next() - 0.5)]))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
}

const parts = (change: Partial<TrainLoop>, log: MetricsLine[]): TrainLoop => ({
  config: TINY,
  trainable: LORA,
  adamW: ADAMW_DEFAULTS,
  clipNorm: 0,
  examples,
  steps: plan(),
  graph,
  state: freshState(),
  now: () => 0,
  proceed: async () => 'go',
  onStep: (metrics) => log.push(metrics),
  ...change,
})

async function run(change: Partial<TrainLoop> = {}) {
  const log: MetricsLine[] = []
  const loop = parts(change, log)
  return { end: await runTraining(loop), log, state: loop.state }
}

const copy = (parameters: Parameters) => new Map([...parameters].map(([name, values]) => [name, values.slice()]))

/** nll of every token of one example alone, by the scoring graph. */
async function nllAlone({ ids }: MaskedExample, parameters: Parameters): Promise<Float32Array> {
  const { feeds } = makeBatch({ config: TINY, sequences: [{ ids }], weightOf: () => 1 })
  const adapter = MATRICES.map(({ name, shape }): [string, FedTensor] => [name, { dtype: 'f32', shape, data: parameters.get(name)! }])
  const scoring = await runtime.compile('score', scoringGraph(TINY, LORA))
  return (await scoring.run(new Map([...feeds, ...adapter]))).get('nll') as Float32Array
}

describe('a step', () => {
  test('its loss is sum(w nll) / sum(w) over all of its examples, each scored alone; kinds are plain means', async () => {
    const start = freshState()
    const { log } = await run()
    const [first] = plan()
    let [loss, weights, trained] = [0, 0, 0]
    const acts: number[] = []
    for (const index of first!.examples) {
      const example = examples[index]!
      const nll = await nllAlone(example, start.parameters)
      example.ce.slice(1).forEach((weight, row) => {
        loss += weight * nll[row]!
        weights += weight
        if (weight > 0) trained += 1
        if (weight > 0 && example.kinds[row + 1] === 'act') acts.push(nll[row]!)
      })
    }
    expect(log[0]!.loss).toBeCloseTo(loss / weights, 5)
    expect(log[0]!.trainedTokens).toBe(trained)
    expect(log[0]!.byKind.act).toBeCloseTo(acts.reduce((sum, x) => sum + x, 0) / acts.length, 5)
    expect(log[0]!.byKind).not.toHaveProperty('context')
    expect(log.map(({ step }) => step)).toEqual(plan().map((_, i) => i + 1))
  })

  test('what the environment wrote is reported every tenth step, and changes nothing', async () => {
    const observed = examples.map((example) => ({ ...example, kinds: example.kinds.map((kind, t) => (example.ce[t] === 0 ? 'observe' : kind)) }))
    const hidden = observed.map((example) => ({ ...example, kinds: example.kinds.map((kind) => (kind === 'observe' ? 'context' : kind)) }))
    const steps = plan({ epochs: 6 }).slice(0, 11)
    expect(steps).toHaveLength(11)
    const [shown, quiet] = [await run({ examples: observed, steps }), await run({ examples: hidden, steps })]
    expect(shown.log.flatMap(({ step, byKind }) => ('observe' in byKind ? [step] : []))).toEqual([1, 11])
    expect(shown.log.map(({ trainedTokens }) => trainedTokens)).toEqual(quiet.log.map(({ trainedTokens }) => trainedTokens))
    shown.log.forEach(({ loss, gradNorm }, i) => {
      expect(loss).toBeCloseTo(quiet.log[i]!.loss!, 6)
      expect(gradNorm).toBeCloseTo(quiet.log[i]!.gradNorm!, 6)
    })
  })

  test('packed passes give the losses, gradients and parameters of one example a pass', async () => {
    const whole = plan({ batchTokens: 1000, microTokens: 1000 })
    const single = plan({ batchTokens: 1000, microTokens: 1 })
    expect([whole[0]!.passes.length, single[0]!.passes.length]).toEqual([1, examples.length])
    const [packed, alone] = [await run({ steps: whole }), await run({ steps: single })]
    expect(packed.log[0]!.loss).toBeCloseTo(alone.log[0]!.loss!, 6)
    expect(packed.log[0]!.gradNorm! / alone.log[0]!.gradNorm!).toBeCloseTo(1, 6)
    for (const { name } of MATRICES) {
      // After one update from zero the first moment is a tenth of the gradient.
      const [a, b] = [packed.state.optimiser.first.get(name)!, alone.state.optimiser.first.get(name)!]
      expect(Math.max(...a.map(Math.abs)), name).toBeGreaterThan(0)
      expect(relativeError(a, b), name).toBeLessThan(1e-5)
    }
    expect(packed.log[0]!.trainedTokens).toBe(alone.log[0]!.trainedTokens)
    expect(packed.log[0]!.tokens).toBe(alone.log[0]!.tokens)
  })

  test('passes of shared beginnings give the numbers of one example a pass, from fewer tokens', async () => {
    // Three go on from the first after 8 of its tokens, two from one another after 3.
    const alike = examples.map((example, i) => ({ ...example, ids: [...examples[i < 4 ? 1 : 4]!.ids.slice(0, Math.min(i < 4 ? 8 : 3, example.ids.length - 1)), ...example.ids].slice(0, example.ids.length) }))
    const planned = (microTokens: number) => planSteps(alike, { ...SETTINGS, batchTokens: 1000, microTokens })
    const [shared, single] = [planned(12), planned(0)]
    const ran = (steps: typeof shared): number => steps[0]!.passes.reduce((sum, pass) => sum + treeTokens(pass.map((i) => alike[i]!.ids)), 0)
    expect([single[0]!.passes.length, ran(single)]).toEqual([6, 58])
    expect(ran(shared)).toBeLessThan(45)
    const [together, alone] = [await run({ examples: alike, steps: shared }), await run({ examples: alike, steps: single })]
    expect(together.log[0]!.loss).toBeCloseTo(alone.log[0]!.loss!, 6)
    expect(together.log[0]!.byKind).toEqual(Object.fromEntries(Object.entries(alone.log[0]!.byKind).map(([kind, nll]) => [kind, expect.closeTo(nll, 5)])))
    expect([together.log[0]!.tokens, together.log[0]!.trainedTokens]).toEqual([alone.log[0]!.tokens, alone.log[0]!.trainedTokens])
    for (const { name } of MATRICES) {
      expect(relativeError(together.state.optimiser.first.get(name)!, alone.state.optimiser.first.get(name)!), name).toBeLessThan(1e-5)
    }
  })

  test('clipping leaves the logged norm and scales what the optimiser sees', async () => {
    const steps = plan({ batchTokens: 1000 })
    const [free, clipped] = [await run({ steps }), await run({ steps, clipNorm: 0.01 })]
    expect(clipped.log[0]!.gradNorm).toBe(free.log[0]!.gradNorm)
    expect(free.log[0]!.gradNorm).toBeGreaterThan(0.02)
    const { name } = MATRICES[0]!
    const scale = 0.01 / (free.log[0]!.gradNorm! + 1e-6)
    const scaled = free.state.optimiser.first.get(name)!.map((x) => x * scale)
    expect(relativeError(clipped.state.optimiser.first.get(name)!, scaled)).toBeLessThan(1e-5)
  })

  test('training lowers the loss of what it trains on', async () => {
    const steps = plan({ epochs: 20, batchTokens: 1000 })
    const { log } = await run({ steps })
    expect(log.at(-1)!.loss).toBeLessThan(log[0]!.loss! - 0.1)
  })

  test('an example without weight is context of nobody: it does not run and changes nothing', async () => {
    const idle: MaskedExample = { ...examples[1]!, ce: examples[1]!.ce.map(() => 0) }
    const [step] = plan({ batchTokens: 1000, microTokens: 1000 })
    const all = examples.map((example, i) => (i === 1 ? idle : example))
    const without = step!.examples.filter((i) => i !== 1)
    const [a, b] = [
      await run({ examples: all, steps: [step!] }),
      await run({ steps: [{ ...step!, examples: without, passes: [step!.passes[0]!.filter((i) => i !== 1)] }] }),
    ]
    expect(a.log).toEqual(b.log)
  })
})

describe('stopping', () => {
  /** A `proceed` that says stop at the given call. */
  const stopAt = (call: number) => {
    let calls = 0
    return async () => (++calls === call ? ('stop' as const) : ('go' as const))
  }
  const steps = plan({ batchTokens: 25, microTokens: 14, epochs: 2 })
  const passes = steps.reduce((sum, step) => sum + step.passes.length, 0)

  test('before any pass: the step begun is given up, the state is that of whole steps, and going on gives the same numbers', async () => {
    const uninterrupted = await run({ steps })
    expect(uninterrupted.end).toBe('finished')
    expect(passes).toBeGreaterThan(steps.length)
    for (let call = 1; call <= passes; call++) {
      const begun = await run({ steps, proceed: stopAt(call) })
      expect(begun.end).toBe('stopped')
      expect(begun.state.step).toBe(begun.log.length)
      expect(begun.state.optimiser.step).toBe(begun.log.length)
      const rest = await run({ steps, state: begun.state })
      expect(rest.end).toBe('finished')
      expect([...begun.log, ...rest.log]).toEqual(uninterrupted.log)
      for (const { name } of MATRICES) expect(rest.state.parameters.get(name)).toEqual(uninterrupted.state.parameters.get(name))
    }
  })

  test('time spent waiting is not time spent training', async () => {
    let time = 0
    const waiting = async () => {
      time += 3_600_000
      return 'go' as const
    }
    const slow: CompiledGraph = { ...graph, run: (feeds) => ((time += 500), graph.run(feeds)) }
    const { log } = await run({ steps: plan({ batchTokens: 1000, microTokens: 1000 }), graph: slow, now: () => time, proceed: waiting })
    expect(log[0]!.seconds).toBe(0.5)
  })

  test('a plan that is done does nothing', async () => {
    const done = { ...freshState(), step: steps.length }
    expect(await run({ steps, state: done })).toMatchObject({ end: 'finished', log: [] })
  })
})

describe('numbers that are not finite', () => {
  /** The graph, with a number of its results changed in the given runs (counted from 1). */
  const broken = (at: (run: number) => boolean, [output, value]: readonly [string, number] = ['loss', NaN]): CompiledGraph => {
    let runs = 0
    return {
      ...graph,
      async run(feeds) {
        const results = await graph.run(feeds)
        if (at(++runs)) results.get(output)![0] = value
        return results
      },
    }
  }
  // A pass a step.
  const steps = plan({ microTokens: 1000, epochs: 60 })

  test.each([
    ['loss', NaN],
    ['loss', Infinity],
    ['d_blk.1.ffn_up.weight.lora_b', NaN],
    ['d_blk.0.attn_q.weight.lora_a', -Infinity],
  ])('%s %d in the second step: it is left out, and the state is that after the first', async (...change) => {
    const state = freshState()
    const [log, after]: [MetricsLine[], Map<string, Float32Array>[]] = [[], []]
    const alerts: string[] = []
    const { end } = await run({
      steps: steps.slice(0, 3),
      graph: broken((at) => at === 2, change),
      state,
      clipNorm: 1,
      onStep: (line) => (log.push(line), after.push(copy(state.parameters))),
      onAlert: ({ type, step }) => alerts.push(`${type} ${step}`),
    })
    expect(end).toBe('finished')
    expect(after[1]).toEqual(after[0])
    expect(after[2]).not.toEqual(after[1])
    expect([state.step, state.optimiser.step]).toEqual([3, 2])
    expect(alerts).toEqual(['nan-skip 2'])
    expect(log.map(({ loss, gradNorm, byKind }) => [loss === null, gradNorm === null, Object.keys(byKind).length === 0])).toEqual([
      [false, false, false], [true, true, true], [false, false, false],
    ])
  })

  test('strikes in a row halve the rate; good steps clear them and give it back', async () => {
    const alerts: string[] = []
    const { log, state } = await run({ steps, graph: broken((at) => at >= 3 && at <= 5), onAlert: ({ type, step }) => alerts.push(`${type} ${step}`) })
    expect(alerts.slice(0, 5)).toEqual(['nan-skip 3', 'nan-skip 4', 'lr-halved 4', 'nan-skip 5', 'lr-halved 5'])
    expect(alerts.slice(5)).toEqual(['lr-restored 55', 'lr-restored 105'])
    expect([2, 4, 5, 54, 55, 104, 105].map((step) => log[step]!.lr / steps[step]!.lr)).toEqual([1, 0.5, 0.25, 0.25, 0.5, 0.5, 1])
    expect(state.guard).toMatchObject({ strikes: 0, lrFactor: 1 })
  })

  test('the fifth strike ends the run, after its step: nothing was trained since the first', async () => {
    const log: MetricsLine[] = []
    const state = freshState()
    const training = run({ steps, graph: broken((at) => at > 2), state, onStep: (line) => log.push(line) })
    await expect(training).rejects.toMatchObject({ code: 'diverged', message: 'training diverged at step 7' })
    expect(log.map(({ loss }) => loss !== null)).toEqual([true, true, false, false, false, false, false])
    expect([state.step, state.optimiser.step, state.guard.lrFactor]).toEqual([7, 2, 0.125])
  })

  test('every other step: not in a row, and yet the run ends', async () => {
    await expect(run({ steps, graph: broken((at) => at % 2 === 0) })).rejects.toMatchObject({ code: 'diverged', message: 'training diverged at step 10' })
  })

  test('interrupted anywhere, with the state through a checkpoint, it comes to the same numbers', async () => {
    const bad = [3, 4, 9, 30, 31]
    const whole = await run({ steps: steps.slice(0, 36), graph: broken((at) => bad.includes(at)) })
    for (const cut of [4, 10, 31]) {
      const begun = await run({ steps: steps.slice(0, cut), graph: broken((at) => bad.includes(at)) })
      const bytes = collect((sink) => writeCheckpoint(begun.state, { shapes: new Map(MATRICES.map(({ name, shape }) => [name, shape])), sha256, sink }))
      const rest = await run({ steps: steps.slice(0, 36), state: readCheckpoint(bytesSource(bytes), sha256), graph: broken((at) => bad.includes(at + cut)) })
      expect([...begun.log, ...rest.log]).toEqual(whole.log)
      expect(rest.state.guard).toEqual(whole.state.guard)
      for (const { name } of MATRICES) expect(rest.state.parameters.get(name)).toEqual(whole.state.parameters.get(name))
    }
  })
})

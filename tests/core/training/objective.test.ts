// What a step minimises beside the cross entropy, through the whole model in the interpreter, against figures made another way.
import { beforeAll, describe, expect, test } from 'vitest'
import { adamW, ADAMW_DEFAULTS, distributionGraph, initialLora, loraMatrices, trainingGraph } from '../../../src/core/nn/index.ts'
import { projectConflicts } from '../../../src/core/nn/losses/index.ts'
import {
  CALM, makeBatch, objectiveOf, plainSpanWeights, planStages, planSteps, runTraining, scoreBase, termsOf, type Objective, type TrainLoop, type TrainState,
} from '../../../src/core/pipeline/training/index.ts'
import { CROSS_ENTROPY } from '../../../src/core/pipeline/training/objective.ts'
import { runStep, type StepInput, type StepResult } from '../../../src/core/pipeline/training/passes.ts'
import type { TeacherDistributions } from '../../../src/core/ports/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import type { MetricsLine } from '../../../src/shared/contract/metrics.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import type { LossSettings } from '../../../src/shared/records/run.ts'
import { relativeError } from '../../support/golden.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { random } from '../../support/random.ts'
import { madeExamples, TINY, tinyWeights } from '../../support/tinyModel.ts'

const LORA = { rank: 2, alpha: 4 }
const MATRICES = loraMatrices(TINY, LORA)
const runtime = interpreterRuntime(tinyWeights())
const K = 4
const PLAIN: LossSettings = { kl: 'forward', klBeta: 0.5, temperature: 1, stayClose: 0, learnSpanWeights: false, projectGradients: false }

/** Reason tokens are trained towards a distribution, the others towards themselves. */
const examples: MaskedExample[] = madeExamples([9, 14, 11], { vocabulary: TINY.vocabulary, seed: 21 }).map((example) => ({
  ...example,
  kl: example.kinds.map((kind, t) => (kind === 'reason' ? (example.ce[t] as number) : 0)),
  ce: example.kinds.map((kind, t) => (kind === 'reason' ? 0 : (example.ce[t] as number))),
}))
const [step] = planSteps(examples, { batchTokens: 1000, microTokens: 25, epochs: 1, maxSteps: undefined, seed: 2, lr: 0.01, schedule: 'constant', warmupSteps: 0 })

/** Of every token of the vocabulary, by example and token; the teacher names K of them. */
function teacherProbabilities(example: string, token: number): number[] {
  const at = Number(example.replace(/\D/g, ''))
  const exps = Array.from({ length: TINY.vocabulary }, (_, id) => Math.exp(2 * Math.sin(7 * id + 3 * token + at)))
  const total = exps.reduce((a, b) => a + b, 0)
  return exps.map((x) => x / total)
}

const teacher = (covers: (example: string, token: number) => boolean): TeacherDistributions => ({
  k: K,
  label: 'made up',
  vocabulary: null,
  row(example, token) {
    if (!covers(example, token)) return null
    const top = teacherProbabilities(example, token).map((p, id) => ({ p, id })).sort((a, b) => b.p - a.p).slice(0, K)
    return { ids: top.map(({ id }) => id), logProbs: top.map(({ p }) => Math.log(p)) }
  },
  coverage: () => ({ tokens: 0, of: 0, mass: 0 }),
})
const everywhere = teacher(() => true)

function freshState(b: 'zero' | 'random'): TrainState {
  const next = random(8)
  const start = initialLora(MATRICES, createRandom(1))
  const parameters = b === 'zero' ? start : new Map([...start].map(([name, a]) => [name, a.map(() => next() - 0.5)]))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
}

async function oneStep(objective: Objective, change: Partial<StepInput> = {}): Promise<StepResult> {
  const graph = await runtime.compile('train', trainingGraph(TINY, LORA, { terms: termsOf(objective) }))
  const input = { config: TINY, trainable: LORA, examples, graph, parameters: freshState('zero').parameters, objective, spanWeights: null, step: step!, reference: false, now: () => 0, proceed: async () => 'go' as const }
  return (await runStep({ ...input, ...change }))!
}

/** log S of the plain student over the whole vocabulary, by example and token. */
let logProbs: Map<string, Float64Array>
beforeAll(async () => {
  const graph = await runtime.compile('base', distributionGraph(TINY, TINY.vocabulary))
  logProbs = new Map()
  for (const example of examples) {
    const { feeds, targets } = makeBatch({ config: TINY, sequences: [example], weightOf: () => 1 })
    const found = await graph.run(new Map([...feeds].filter(([name]) => name !== 'labels' && name !== 'weights')))
    targets.forEach(({ token }, row) => {
      const all = new Float64Array(TINY.vocabulary)
      for (let i = 0; i < TINY.vocabulary; i++) {
        const at = row * TINY.vocabulary + i
        all[found.get('topIds')![at]!] = found.get('topLogProbs')![at]!
      }
      logProbs.set(`${example.id} ${token}`, all)
    })
  }
})

const student = (example: MaskedExample, token: number): number[] => [...logProbs.get(`${example.id} ${token}`)!].map(Math.exp)
const nllOf = (example: MaskedExample, token: number): number => -logProbs.get(`${example.id} ${token}`)![example.ids[token]!]!

/** The same formula from probabilities over the whole vocabulary, added up by hand. */
function klFromScratch(example: MaskedExample, token: number): number {
  const [p, q] = [teacherProbabilities(example.id, token), student(example, token)]
  const top = p.map((_, id) => id).sort((a, b) => p[b]! - p[a]!).slice(0, K)
  const [tailP, tailQ] = [p, q].map((x) => 1 - top.reduce((sum, id) => sum + x[id]!, 0)) as [number, number]
  return top.reduce((sum, id) => sum + p[id]! * Math.log(p[id]! / q[id]!), 0) + tailP * Math.log(tailP / tailQ)
}

const trainedTokens = () => examples.flatMap((example) => example.ids.flatMap((_, token) => (token > 0 && example.ce[token]! + example.kl[token]! > 0 ? [{ example, token }] : [])))
const sumOf = (of: (example: MaskedExample, token: number) => number): number => trainedTokens().reduce((sum, { example, token }) => sum + of(example, token), 0)
const totalWeight = () => sumOf((example, token) => example.ce[token]! + example.kl[token]!)

describe('towards a teacher', () => {
  const objective = objectiveOf(PLAIN, { teacher: everywhere, base: null })

  test('the loss is KL on the tokens with a weight for it and cross entropy on the others, over the step', async () => {
    const { loss, teacherKl, kinds, withoutTeacher } = await oneStep(objective)
    const expected = sumOf((example, token) => example.ce[token]! * nllOf(example, token) + example.kl[token]! * klFromScratch(example, token))
    expect(loss).toBeCloseTo(expected / totalWeight(), 5)
    const reason = trainedTokens().filter(({ example, token }) => example.kinds[token] === 'reason')
    expect(teacherKl.byLabel().reason).toMatchObject({ tokens: reason.length })
    expect(teacherKl.byLabel().reason!.nll).toBeCloseTo(reason.reduce((sum, { example, token }) => sum + klFromScratch(example, token), 0) / reason.length, 5)
    expect(Object.keys(teacherKl.byLabel())).toEqual(['reason'])
    // Cross entropy is reported of the same tokens.
    expect(kinds.byLabel().reason!.nll).toBeCloseTo(reason.reduce((sum, { example, token }) => sum + nllOf(example, token), 0) / reason.length, 5)
    expect(withoutTeacher).toBe(0)
  })

  test('a token without a distribution is trained towards itself, with the same weight, and counted', async () => {
    const some = teacher((_, token) => token % 2 === 0)
    const { loss, withoutTeacher } = await oneStep(objectiveOf(PLAIN, { teacher: some, base: null }))
    const expected = sumOf((example, token) => {
      const { ce, kl } = example
      return ce[token]! * nllOf(example, token) + kl[token]! * (token % 2 === 0 ? klFromScratch(example, token) : nllOf(example, token))
    })
    expect(loss).toBeCloseTo(expected / totalWeight(), 5)
    expect(withoutTeacher).toBe(trainedTokens().filter(({ example, token }) => token % 2 === 1 && example.kl[token]! > 0).length)
    expect(withoutTeacher).toBeGreaterThan(0)
  })

  test('packing changes nothing', async () => {
    const apart = { ...step!, passes: step!.examples.map((index) => [index]) }
    const [packed, alone] = [await oneStep(objective, { step: { ...step!, passes: [step!.examples] } }), await oneStep(objective, { step: apart })]
    expect(packed.loss).toBeCloseTo(alone.loss, 6)
    for (const { name } of MATRICES.filter(({ name }) => name.endsWith('b'))) expect(relativeError(packed.gradients.get(name)!, alone.gradients.get(name)!), name).toBeLessThan(1e-5)
  })

  test('its gradients are those of its loss', async () => {
    const { parameters } = freshState('random')
    const graph = await runtime.compile('train', trainingGraph(TINY, LORA, { terms: termsOf(objective) }))
    const at = (p: TrainState['parameters']) => oneStep(objective, { graph, parameters: p })
    const { gradients } = await at(parameters)
    for (const name of ['blk.0.attn_q.weight.lora_a', 'blk.1.ffn_up.weight.lora_b']) {
      const values = parameters.get(name)!
      const moved = (i: number, by: number) => new Map([...parameters, [name, values.with(i, values[i]! + by)] as const])
      const h = 1 / 1024
      const numeric = ((await at(moved(3, h))).loss - (await at(moved(3, -h))).loss) / (2 * h)
      expect(gradients.get(name)![3]).toBeCloseTo(numeric, 3)
    }
  })
})

describe('close to the student as it was', () => {
  const settings = { ...PLAIN, stayClose: 0.5 }
  const base = async () => (await scoreBase({ runtime, config: TINY, examples, k: 6, proceed: async () => 'go' }))!

  test('every trained token has a row: the most probable tokens of the plain student', async () => {
    const distributions = await base()
    for (const { example, token } of trainedTokens()) {
      const row = distributions.row(example.id, token)!
      const q = student(example, token)
      expect([...Array.from(row.ids)]).toEqual(q.map((_, id) => id).sort((a, b) => q[b]! - q[a]!).slice(0, 6))
      expect(relativeError(Array.from(row.logProbs, Math.exp), Array.from(row.ids, (id) => q[id]!))).toBeLessThan(1e-5)
    }
    expect(distributions.row(examples[0]!.id, 1)).toBeNull()
    expect(distributions.coverage()).toMatchObject({ tokens: trainedTokens().length, of: trainedTokens().length })
    expect(await scoreBase({ runtime, config: TINY, examples, k: 6, proceed: async () => 'stop' })).toBeNull()
  })

  /** The base's term names 32 tokens, which the tiny vocabulary lacks. */
  const close = async (): Promise<Objective> => {
    const distributions = await base()
    const objective = objectiveOf(settings, { teacher: null, base: distributions })
    return { ...objective, base: { ...objective.base!, term: { ...objective.base!.term, given: { kind: 'top', k: 6 } } } }
  }

  test('an adapter that changes nothing has no KL, one that changes something has the weight times its mean', async () => {
    const objective = await close()
    const untouched = await oneStep(objective)
    expect(untouched.baseKl.total().nll).toBeLessThan(1e-6)
    const { parameters } = freshState('random')
    const [changed, alone] = [await oneStep(objective, { parameters }), await oneStep(CROSS_ENTROPY, { parameters })]
    expect(changed.baseKl.total().tokens).toBe(trainedTokens().length)
    expect(changed.baseKl.total().nll).toBeGreaterThan(0.01)
    expect(changed.loss).toBeGreaterThan(alone.loss)
  })

  test('training with it moves the student less', async () => {
    const run = async (objective: Objective): Promise<number> => {
      const state = freshState('zero')
      const graph = await runtime.compile('train', trainingGraph(TINY, LORA, { terms: termsOf(objective) }))
      const steps = Array.from({ length: 12 }, () => step!)
      await runTraining({ ...loopParts(graph, state), steps, objective, onStep: () => {} })
      return (await oneStep(await close(), { parameters: state.parameters })).baseKl.total().nll
    }
    const [held, free] = [await run({ ...(await close()), base: { ...(await close()).base!, weight: 5 } }), await run(CROSS_ENTROPY)]
    expect(held).toBeLessThan(0.7 * free)
  })
})

const loopParts = (graph: TrainLoop['graph'], state: TrainState): Omit<TrainLoop, 'steps' | 'onStep'> => ({
  config: TINY, trainable: LORA, adamW: ADAMW_DEFAULTS, clipNorm: 0, examples, graph, state, now: () => 0, proceed: async () => 'go',
})

describe('learned span weights', () => {
  const objective: Objective = { ...CROSS_ENTROPY, learnSpanWeights: true }
  const words = examples.map((example) => ({ ...example, ce: example.ce.map((x, t) => x + example.kl[t]!), kl: example.kl.map(() => 0) }))
  const s = Float32Array.from([0.3, -0.4, 0.1, 0, 0])

  test('the loss is sum_k exp(-s_k) L_k + s_k over reason, act and final; the end of a turn counts to its last span', async () => {
    const { loss } = await oneStep(objective, { examples: words, spanWeights: s })
    const kinds = ['reason', 'act', 'final'] as const
    const expected = kinds.map((kind, k) => {
      const own = words.flatMap((example) =>
        example.ids.flatMap((_, token) => {
          if (token === 0 || example.ce[token] === 0) return []
          const of = example.kinds[token] === 'end' ? example.kinds.slice(0, token).findLast((x) => x !== 'end') : example.kinds[token]
          return of === kind ? [{ w: example.ce[token]!, nll: nllOf(example, token) }] : []
        }),
      )
      return Math.exp(-s[k]!) * (own.reduce((sum, { w, nll }) => sum + w * nll, 0) / own.reduce((sum, { w }) => sum + w, 0)) + s[k]!
    })
    expect(loss).toBeCloseTo(expected.reduce((a, b) => a + b, 0), 5)
  })

  test('a run learns them, writes them down, and goes on with them', async () => {
    const graph = await runtime.compile('train', trainingGraph(TINY, LORA))
    const run = async (state: TrainState, count: number) => {
      const log: MetricsLine[] = []
      const steps = Array.from({ length: count }, () => step!)
      await runTraining({ ...loopParts(graph, state), examples: words, steps, objective, onStep: (line) => log.push(line) })
      return log
    }
    const whole = { ...freshState('zero'), spanWeights: plainSpanWeights() }
    const log = await run(whole, 6)
    expect(log[0]!.spanWeights).toEqual({ reason: 1, act: 1, final: 1 })
    expect(log[5]!.spanWeights!.reason).not.toBe(1)
    const parts = { ...freshState('zero'), spanWeights: plainSpanWeights() }
    expect([...(await run(parts, 2)), ...(await run(parts, 6))]).toEqual(log)
    expect(parts.spanWeights).toEqual(whole.spanWeights)
  })
})

describe('gradient projection', () => {
  const only = (wanted: (kind: string) => boolean): MaskedExample[] =>
    examples.map((example) => {
      const keep = (weights: number[]) => weights.map((x, t) => {
        const of = example.kinds[t] === 'end' ? example.kinds.slice(0, t).findLast((kind) => kind !== 'end') : example.kinds[t]
        return wanted(of as string) ? x : 0
      })
      return { ...example, ce: keep(example.ce.map((x, t) => x + example.kl[t]!)), kl: example.kl.map(() => 0) }
    })
  const share = (part: MaskedExample[]): number => part.reduce((sum, { ce }) => sum + ce.slice(1).reduce((a, b) => a + b, 0), 0)

  test('gradients are those of reason and of the rest, taken by themselves and projected matrix by matrix', async () => {
    const { parameters } = freshState('random')
    const [all, reason, rest] = [only(() => true), only((kind) => kind === 'reason'), only((kind) => kind !== 'reason')]
    const [together, a, b] = [
      await oneStep({ ...CROSS_ENTROPY, projectGradients: true }, { examples: all, parameters }),
      await oneStep(CROSS_ENTROPY, { examples: reason, parameters }),
      await oneStep(CROSS_ENTROPY, { examples: rest, parameters }),
    ]
    // Each by itself is divided by its own sum of weights.
    const scaled = (result: StepResult, part: MaskedExample[]) => new Map([...result.gradients].map(([name, x]) => [name, x.map((v) => (v * share(part)) / share(all))]))
    const expected = projectConflicts(scaled(a, reason), scaled(b, rest))
    expect(together.conflicts).toEqual({ opposed: expected.conflicts, of: MATRICES.length })
    expect(expected.conflicts).toBeGreaterThan(0)
    for (const { name } of MATRICES) expect(relativeError(together.gradients.get(name)!, expected.gradients.get(name)!), name).toBeLessThan(1e-5)
    const plain = await oneStep(CROSS_ENTROPY, { examples: all, parameters })
    expect(together.loss).toBeCloseTo(plain.loss, 6)
    expect(together.trainedTokens).toBe(plain.trainedTokens)
    // What runs for both is counted once.
    expect(together.tokens).toBe(plain.tokens)
  })
})

describe('pacing (L_curriculum)', () => {
  const objective = async (): Promise<Objective> => {
    const base = (await scoreBase({ runtime, config: TINY, examples, k: 8, proceed: async () => 'go' }))!
    const settings: LossSettings = { ...PLAIN, stayClose: 0.3 }
    const whole = objectiveOf(settings, { teacher: everywhere, base })
    return { ...whole, base: { ...whole.base!, term: { ...whole.base!.term, given: { kind: 'top', k: 8 } } } }
  }
  const { parameters } = freshState('random')
  const scaled = (gradients: ReadonlyMap<string, Float32Array>, by: number): number[] => [...gradients.values()].flatMap((values) => [...values].map((x) => by * x))
  const flat = (gradients: ReadonlyMap<string, Float32Array>): number[] => scaled(gradients, 1)

  test('in a sorted stage a step of hard trajectories counts less: by its factor, which the divisor does not give back', async () => {
    const ranked = examples.map((_, index) => ({ examples: [index], rank: index / 2, group: null }))
    const stage = { own: ranked, earlier: [], order: 'easy-to-hard', shares: null, replay: 0, length: { unit: 'passes', passes: 1 }, lr: 0.01, gate: null } as const
    const settings = { batchTokens: 1, microTokens: 25, maxSteps: undefined, seed: 1, schedule: 'constant', warmupSteps: 0 } as const
    const { steps } = planStages({ examples, stages: [stage], pacing: { gamma: 0.2, c0: 0.2, steps: 1000 }, settings })
    expect(steps.map(({ examples: taken }) => taken)).toEqual([[0], [1], [2]])
    const factors = steps.map((one) => one.factors![0]!)
    expect(factors[0]).toBe(1)
    expect(factors[2]).toBeLessThan(0.25)
    const towards = await objective()
    for (const [at, one] of steps.entries()) {
      const [paced, plain] = [await oneStep(towards, { step: one, parameters }), await oneStep(towards, { step: { ...one, factors: null }, parameters })]
      expect(relativeError(flat(paced.gradients), scaled(plain.gradients, factors[at]!))).toBeLessThan(1e-5)
      // The loss that is shown is that of the tokens, whatever the pace.
      expect(paced.loss).toBeCloseTo(plain.loss, 5)
      expect([paced.pace, plain.pace]).toEqual([expect.closeTo(factors[at]!, 12), null])
    }
  })

  test('accumulated over passes it is what it is in one', async () => {
    const towards = await objective()
    const factors = step!.examples.map((_, i) => [1, 0.4, 0.05][i]!)
    const [packed, apart] = [
      await oneStep(towards, { step: { ...step!, factors, passes: [step!.examples] }, parameters }),
      await oneStep(towards, { step: { ...step!, factors, passes: step!.examples.map((index) => [index]) }, parameters }),
    ]
    expect(packed.loss).toBeCloseTo(apart.loss, 5)
    expect(packed.pace).toBe(apart.pace)
    expect(relativeError(flat(packed.gradients), flat(apart.gradients))).toBeLessThan(1e-5)
    // Each example by itself, its own share of the step's whole weight, times its factor.
    const sum = new Map([...packed.gradients].map(([name, values]) => [name, values.map(() => 0)]))
    const weightOf = (index: number): number => examples[index]!.ce.reduce((total, ce, t) => total + (t > 0 ? ce + examples[index]!.kl[t]! : 0), 0)
    for (const [i, index] of step!.examples.entries()) {
      const alone = await oneStep(towards, { step: { ...step!, examples: [index], passes: [[index]], factors: null }, parameters })
      for (const [name, values] of alone.gradients) values.forEach((x, at) => (sum.get(name)![at]! += (factors[i]! * weightOf(index) * x) / totalWeight()))
    }
    expect(relativeError(flat(packed.gradients), flat(sum))).toBeLessThan(1e-5)
    expect(packed.pace).toBeCloseTo(step!.examples.reduce((all, index, i) => all + factors[i]! * weightOf(index), 0) / totalWeight(), 10)
  })

  test('learned weights of kinds follow the losses as they are, not as they are paced', async () => {
    const learning: Objective = { ...CROSS_ENTROPY, learnSpanWeights: true }
    const spanWeights = plainSpanWeights()
    const factors = step!.examples.map(() => 0.01)
    const [paced, plain] = [await oneStep(learning, { step: { ...step!, factors }, spanWeights }), await oneStep(learning, { spanWeights })]
    for (const [kind, mean] of plain.meanByKind) expect(paced.meanByKind.get(kind)).toBeCloseTo(mean, 5)
  })

  test('a run that is interrupted goes on with the same paces, and writes them down', async () => {
    const graph = await runtime.compile('train', trainingGraph(TINY, LORA))
    const steps = [0.1, 0.3, 0.6, 1].map((factor) => ({ ...step!, factors: step!.examples.map(() => factor) }))
    const words = objectiveOf(PLAIN, { teacher: null, base: null })
    const run = async (state: TrainState, count: number): Promise<MetricsLine[]> => {
      const log: MetricsLine[] = []
      await runTraining({ ...loopParts(graph, state), steps: steps.slice(0, count), objective: words, onStep: (line) => log.push(line) })
      return log
    }
    const [whole, parts] = [freshState('zero'), freshState('zero')]
    const log = await run(whole, 4)
    expect(log.map(({ pace }) => pace)).toEqual([0.1, 0.3, 0.6, 1].map((x) => expect.closeTo(x, 12) as number))
    expect([...(await run(parts, 2)), ...(await run(parts, 4))]).toEqual(log)
    expect(parts.parameters).toEqual(whole.parameters)
  })
})

describe('objectives that are put together: gradients against finite differences through the whole model', () => {
  /** KL and CE on thoughts, both on acts, CE on answers, each with a weight of its own. */
  const mixed = examples.map((example) => {
    const of = { reason: [0.1, 0.5], act: [2, 0.25], final: [3, 0] } as const
    const weigh = (at: 0 | 1) => example.kinds.map((kind, t) => (t > 0 && kind in of ? of[kind as keyof typeof of][at] : 0))
    return { ...example, ce: weigh(0), kl: weigh(1) }
  })
  /** Even ids mean the same to both. */
  const other: TeacherDistributions = {
    ...everywhere,
    vocabulary: { shared: Uint8Array.from({ length: TINY.vocabulary }, (_, id) => Number(id % 2 === 0)), overlap: 0.6 },
    row: (example, token) => {
      const { ids, logProbs } = everywhere.row(example, token)!
      return { ids: Array.from(ids, (id) => (id % 2 === 0 ? id : -1)), logProbs }
    },
  }

  test.each<{ what: string; of: TeacherDistributions; settings: Partial<LossSettings> }>([
    { what: 'forward KL', of: everywhere, settings: {} },
    { what: 'reverse KL at temperature 2', of: everywhere, settings: { kl: 'reverse', temperature: 2 } },
    { what: 'JSD 0.3 at temperature 1.5', of: everywhere, settings: { kl: 'jsd', klBeta: 0.3, temperature: 1.5 } },
    { what: 'ULD, a teacher with other tokens', of: other, settings: {} },
  ])('$what on REASON and ACT, cross entropy on all, close to the base', async ({ of, settings }) => {
    const base = (await scoreBase({ runtime, config: TINY, examples: mixed, k: 8, proceed: async () => 'go' }))!
    const whole = objectiveOf({ ...PLAIN, ...settings, stayClose: 0.7 }, { teacher: of, base })
    const towards: Objective = { ...whole, base: { ...whole.base!, term: { ...whole.base!.term, given: { kind: 'top', k: 8 } } } }
    const { parameters } = freshState('random')
    const { gradients, baseKl, teacherKl } = await oneStep(towards, { examples: mixed, parameters })
    expect(baseKl.total().nll).toBeGreaterThan(0.01)
    expect(Object.keys(teacherKl.byLabel()).sort()).toEqual(['act', 'reason'])
    const next = random(31)
    const direction = new Map([...parameters].map(([name, values]) => [name, values.map(() => next() - 0.5)]))
    const slope = [...direction].reduce((sum, [name, values]) => sum + values.reduce((dot, x, i) => dot + x * gradients.get(name)![i]!, 0), 0)
    const at = async (h: number): Promise<number> => {
      const moved = new Map([...parameters].map(([name, values]) => [name, values.map((x, i) => x + h * direction.get(name)![i]!)]))
      return (await oneStep(towards, { examples: mixed, parameters: moved })).loss
    }
    const h = 2 ** -8
    expect(((await at(h)) - (await at(-h))) / (2 * h) / slope).toBeCloseTo(1, 2)
  })
})

// Whether a run fits into memory, before it starts: what it will need at most, how frozen weights shall lie, and what to do when it does not fit.
import { existsSync } from 'node:fs'
import { readGguf } from '../../core/formats/gguf/index.ts'
import { loraOf, readModelConfig, type ModelConfig } from '../../core/nn/index.ts'
import {
  BASE_TOP, estimateMemory, largestPasses, planStages, termsFor, weightBytes,
  type Base, type Estimate, type PassLoad, type WeightBytes,
} from '../../core/pipeline/training/index.ts'
import type { RunMemory } from '../../shared/contract/routes/runs.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/records/plan.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { openByteSource } from '../files/index.ts'
import { freeMemory, freeMemoryOf } from '../freeMemory.ts'
import { isModelFile, liveTeacherBytes } from '../teacher/index.ts'
import { SCORE_TOKENS } from './heldoutCurve.ts'
import type { Prepared } from './prepareRun.ts'
import type { SplitExample } from './runFolder.ts'
import { SAMPLE_TOKENS } from './sampling.ts'
import { runPlanOf, stageSettings, type StagedPlan } from './stagedPlan.ts'

/** Of a run or a stage: all that its memory depends on beside the student. */
export type MemoryNeed = {
  readonly settings: TrainSettings
  /** By which its stages train: a run has the terms of all of them. */
  readonly stages: readonly TrainSettings[]
  /** The largest (see `largestPasses`). */
  readonly passes: readonly PassLoad[]
  /** Tokens named in a teacher's distribution; null: no teacher. */
  readonly teacherTop: number | null
  /** Of all examples, and those with a loss weight: what is kept of each. */
  readonly tokens: number
  readonly trainedTokens: number
  /** Held out: tokens, and those of the longest example. */
  readonly heldout: { readonly tokens: number; readonly longest: number }
  /** A gate measures the held-out side between steps. */
  readonly gated: boolean
}

type Drafted = Pick<Prepared, 'examples' | 'teacher'>
type NeedInput = Pick<MemoryNeed, 'settings' | 'stages' | 'passes' | 'gated'>

const isTrained = ({ ce, kl }: SplitExample, token: number): boolean => ce[token]! > 0 || kl[token]! > 0

/** What a run over these examples needs with these passes. */
export function needOf({ examples, teacher }: Drafted, given: NeedInput): MemoryNeed {
  const heldout = examples.filter(({ split }) => split === 'heldout')
  const sum = (of: readonly SplitExample[], tokens: (example: SplitExample) => number): number => of.reduce((total, example) => total + tokens(example), 0)
  return {
    ...given,
    teacherTop: given.settings.teacher === undefined ? null : (teacher?.k ?? BASE_TOP),
    tokens: sum(examples, ({ ids }) => ids.length),
    trainedTokens: sum(examples, (example) => example.ids.filter((_, token) => isTrained(example, token)).length),
    heldout: { tokens: sum(heldout, ({ ids }) => ids.length), longest: heldout.reduce((most, { ids }) => Math.max(most, ids.length), 0) },
  }
}

/** A run as it is about to be made: its examples, and its curriculum with the filters applied. */
export type DraftedRun = Drafted & { readonly settings: TrainSettings; readonly plan: Plan | undefined; readonly staged: StagedPlan | null }

/** The largest passes when a pass has so many tokens. */
function passesOf({ examples, settings, plan, staged }: DraftedRun, microTokens: number): PassLoad[] {
  const train = examples.filter(({ split }) => split === 'train')
  return largestPasses(planStages(runPlanOf({ examples: train, settings: { ...settings, microTokens }, plan, staged })).steps, train)
}

/** Estimates of a student's runs; `settings.base` 'auto' counts as float32. Throws RetortError for one that cannot be trained. */
export function memoryOfStudent(path: string): (need: MemoryNeed) => Estimate {
  const source = openByteSource(path)
  try {
    const gguf = readGguf(source)
    const student = { config: readModelConfig(gguf, source), weights: weightBytes(gguf), fileBytes: source.size }
    // The graph is built and walked for each: the same need is asked for again and again.
    const known = new Map<string, Estimate>()
    return (need) => {
      const key = JSON.stringify(need)
      const found = known.get(key) ?? estimateOf(student, need)
      known.set(key, found)
      return found
    }
  } finally {
    source.close()
  }
}

/** Bytes of a named token of a distribution: its id and its log-probability. */
const NAMED = 8

/** Of a teacher that is a model: its process beside the trainer's. */
const teacherBytes = ({ teacher, context }: TrainSettings): number => (teacher !== undefined && existsSync(teacher) && isModelFile(teacher) ? liveTeacherBytes(teacher, context) : 0)

function estimateOf({ config, weights, fileBytes }: { config: ModelConfig; weights: WeightBytes; fileBytes: number }, need: MemoryNeed): Estimate {
  const { settings, stages, passes, teacherTop, heldout } = need
  const stayClose = stages.some((stage) => stage.stayClose > 0)
  const measured = heldout.tokens > 0 ? Math.min(heldout.tokens, Math.max(SCORE_TOKENS, heldout.longest)) : 0
  const context = Math.min(settings.context, heldout.longest + SAMPLE_TOKENS)
  const estimate = estimateMemory({
    config,
    weights,
    trainable: loraOf(settings),
    recompute: settings.recompute,
    base: baseOf(settings),
    terms: termsFor(stages[0] ?? settings, { teacherTop, stayClose }),
    projectGradients: stages.some((stage) => stage.projectGradients),
    passes,
    exampleTokens: need.tokens,
    distributionBytes: NAMED * need.trainedTokens * ((stayClose ? BASE_TOP : 0) + (teacherTop ?? 0)),
    besides: {
      heldoutTokens: measured,
      whileTraining: settings.heldoutEvery > 0 || need.gated,
      samples: settings.samplesEvery > 0 && measured > 0 ? { fileBytes, context } : null,
    },
  })
  return { ...estimate, bytes: estimate.bytes + teacherBytes(settings) }
}

/** Bytes that have to be there: pages that are mapped twice are there once. */
const neededOf = ({ bytes, mappedTwice }: Estimate): number => bytes - mappedTwice

/** Highest resident memory of a trainer, in bytes; null: it cannot be told. */
export type MemoryEstimate = (need: MemoryNeed) => number | null

/** For the stages of plans: as a run by these settings would be fitted. null for a student that cannot be trained. */
export function planMemory(student: string): MemoryEstimate {
  let estimate: ReturnType<typeof memoryOfStudent> | null = null
  return (need) => {
    try {
      estimate ??= memoryOfStudent(student)
    } catch (error) {
      if (error instanceof RetortError) return null
      throw error
    }
    return estimate(chosenNeed(estimate, need, freeMemory())).bytes
  }
}

/** What a run's weights are opened as. */
export const baseOf = ({ base }: Pick<TrainSettings, 'base'>): Base => (base === 'quantised' ? 'quantised' : 'f32')

const withSettings = (need: MemoryNeed, change: Partial<TrainSettings>): MemoryNeed => ({ ...need, settings: { ...need.settings, ...change } })

/** Settles how weights lie: as asked for, or float32 where it fits and the provider is not the processor, else quantised. */
function chosenNeed(estimate: (need: MemoryNeed) => Estimate, need: MemoryNeed, availableBytes: number | null): MemoryNeed {
  const { base, provider } = need.settings
  const [plain, quantised] = [withSettings(need, { base: baseOf(need.settings) }), withSettings(need, { base: 'quantised' })]
  // A graphics card lacks kernels for codes.
  if (base !== 'auto' || provider !== 'cpu' || availableBytes === null || neededOf(estimate(plain)) <= availableBytes) return plain
  return neededOf(estimate(quantised)) < neededOf(estimate(plain)) ? quantised : plain
}

export type Fit = {
  /** With `base` settled. */
  readonly settings: TrainSettings
  readonly memory: RunMemory
  /** Why it does not fit, with advice; null: it does, or nothing tells. */
  readonly blocked: RetortError | null
  /** To be said loudly where it is made all the same; null: it fits, or nothing tells. */
  readonly warning: string | null
}

/**
 * `availableBytes`: of what the provider computes in; null: nothing tells. Throws RetortError `bad-settings` for quantised weights
 * on a provider that cannot have them.
 */
export function fitMemory(student: string, run: DraftedRun, availableBytes: number | null = freeMemoryOf(run.settings.provider)): Fit {
  const { settings, plan } = run
  const stages = plan ? plan.stages.map((stage) => stageSettings(settings, stage)) : [settings]
  if (settings.base === 'quantised' && settings.provider !== 'cpu') throw quantisedElsewhere(settings)
  const estimate = memoryOfStudent(student)
  const need = needOf(run, { settings, stages, gated: plan?.stages.some(({ gate }) => gate !== null) ?? false, passes: passesOf(run, settings.microTokens) })
  const chosen = chosenNeed(estimate, need, availableBytes)
  const estimated = estimate(chosen)
  const { recompute } = chosen.settings
  const memory: RunMemory = {
    base: baseOf(chosen.settings),
    bytes: estimated.bytes,
    availableBytes,
    of: settings.provider === 'cpu' ? 'machine' : 'card',
    passTokens: need.passes.reduce((most, { tokens }) => Math.max(most, tokens), 0),
    recomputedBytes: recompute ? null : estimate(withSettings(chosen, { recompute: true })).bytes,
  }
  if (availableBytes === null || neededOf(estimated) <= availableBytes) return { settings: chosen.settings, memory, blocked: null, warning: null }
  const advice = adviceFor(chosen, { run, fitsIn: availableBytes, estimate })
  return { settings: chosen.settings, memory, blocked: tooLarge(memory, { availableBytes, advice }), warning: overrunWarning(memory, availableBytes) }
}

type AdviceInput = { readonly run: DraftedRun; readonly fitsIn: number; readonly estimate: (need: MemoryNeed) => Estimate }

/** The way to less memory that costs least and suffices; else all of them together. */
function adviceFor(chosen: MemoryNeed, { run, fitsIn, estimate }: AdviceInput): string {
  const { settings } = chosen
  const smaller = smallerPasses(chosen, run)
  const onProcessor = settings.provider === 'cpu'
  const ways = [
    ...smaller,
    { way: ['--recompute'], need: withSettings(chosen, { recompute: true }) },
    ...(onProcessor ? [{ way: ['--base quantised'], need: withSettings(chosen, { base: 'quantised' }) }] : []),
    ...(onProcessor ? [{ way: ['--base quantised', '--recompute'], need: withSettings(chosen, { base: 'quantised', recompute: true }) }] : []),
    ...smaller.slice(-1).map(({ way, need }) => ({ way: [...way, ...(onProcessor ? ['--base quantised'] : []), '--recompute'], need: withSettings(need, { recompute: true, ...(onProcessor && { base: 'quantised' as const }) }) })),
  ]
  const bytesOf = (need: MemoryNeed): number => neededOf(estimate(need))
  const enough = ways.find(({ need }) => bytesOf(need) <= fitsIn)
  if (enough) return `${enough.way.join(' ')} needs about ${gigabytes(bytesOf(enough.need))}`
  const least = ways.reduce((a, b) => (bytesOf(b.need) < bytesOf(a.need) ? b : a))
  return (
    `even ${least.way.join(' ')} needs about ${gigabytes(bytesOf(least.need))}: leave long examples out (--context, --too-long drop), close other programs, or take a smaller student; ` +
    '--allow-memory-overrun starts it all the same'
  )
}

const LEAST_TOKENS = 16

/** Fewer tokens a pass, halved as long as the largest pass gets smaller: examples are never cut. */
function smallerPasses(need: MemoryNeed, run: DraftedRun): { way: string[]; need: MemoryNeed }[] {
  const found: { way: string[]; need: MemoryNeed }[] = []
  const largest = (passes: readonly PassLoad[]): number => passes.reduce((most, { tokens }) => Math.max(most, tokens), 0)
  let most = largest(need.passes)
  for (let microTokens = need.settings.microTokens >> 1; microTokens >= LEAST_TOKENS; microTokens >>= 1) {
    if (microTokens >= most) continue
    const passes = passesOf(run, microTokens)
    if (largest(passes) >= most) break
    most = largest(passes)
    found.push({ way: [`--micro-tokens ${microTokens}`], need: { ...withSettings(need, { microTokens }), passes } })
  }
  return found
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

const tooLarge = ({ bytes, passTokens, of }: RunMemory, { availableBytes, advice }: { availableBytes: number; advice: string }): RetortError =>
  new RetortError({
    code: 'out-of-memory',
    message: `this run does not fit into ${of === 'machine' ? 'memory' : "the graphics card's memory"}`,
    where: `its largest pass, of ${passTokens} tokens`,
    found: `an estimated peak of ${gigabytes(bytes)}`,
    expected: `at most the ${gigabytes(availableBytes)} that are free`,
    advice,
  })

const overrunWarning = ({ bytes }: RunMemory, availableBytes: number): string =>
  `WARNING: this run is estimated to need ${gigabytes(bytes)} of memory where ${gigabytes(availableBytes)} are free, and starts because that was allowed: ` +
  'the machine may become unusable while it trains, and the system may end this or other programs. Checkpoints stay.'

const quantisedElsewhere = ({ provider }: TrainSettings): RetortError =>
  new RetortError({
    code: 'bad-settings',
    message: 'quantised weights are decoded on the processor only',
    where: 'base',
    found: `provider ${provider}`,
    expected: 'cpu',
    advice: 'leave out --base quantised or --provider',
  })

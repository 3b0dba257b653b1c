// The held-out curve of a run: the whole held-out side before and after, a part of it at steps in between.
import { evaluateHeldoutParts, heldoutPart, type ScoreInput } from '../../core/pipeline/evaluation/index.ts'
import type { ModelConfig } from '../../core/nn/index.ts'
import type { GraphRuntime } from '../../core/ports/index.ts'
import type { Heldout, HeldoutPoint } from '../../shared/contract/metrics.ts'
import type { TrainerEvent } from './protocol.ts'
import { readHeldout, writeHeldout, type HeldoutFile, type RunConfig, type SplitExample } from './runFolder.ts'

/** Tokens of one scoring pass: no gradients are kept, so passes may be larger than those of training. */
export const SCORE_TOKENS = 512

type Outcome = 'go' | 'stop'
type Adapter = NonNullable<ScoreInput['adapter']>

/** How much evaluations that are still to come take, and what they were measured at. */
export type EvaluationLoad = {
  /** Evaluations behind one of the steps from `done` on, the last step's not among them, and tokens of each. */
  readonly during: (done: number) => number
  readonly duringTokens: number
  /** Of the evaluation at the end. */
  readonly afterTokens: number
  /** Seconds a token; null before any. */
  readonly secondsPerToken: () => number | null
}

/** Each measures once: what a session before this one has measured is taken from the folder. */
export type HeldoutCurve = {
  /** The student as it is. */
  before(): Promise<Outcome>
  /** Whether an evaluation belongs behind so many steps and is not there. */
  due(done: number): boolean
  during(done: number, adapter: Adapter): Promise<Outcome>
  /** So many steps were done at the end. */
  after(done: number, adapter: Adapter): Promise<Outcome>
  /**
   * Share of held-out ACT tokens that the student puts first, over what evaluations while training take; null without any.
   * Taken from the curve where it has a point there; else measured, and no part of it.
   */
  actAccuracy(done: number, adapter: Adapter): Promise<number | null | 'stop'>
  /** All points so far. */
  points(): HeldoutPoint[]
  readonly load: EvaluationLoad
}

export type HeldoutCurveInput = {
  readonly dir: string
  readonly config: RunConfig
  readonly model: ModelConfig
  readonly runtime: GraphRuntime
  readonly examples: readonly SplitExample[]
  /** Of the whole plan, as far as it is decided. */
  readonly steps: () => number
  readonly proceed: () => Promise<Outcome>
  readonly emit: (event: TrainerEvent) => void
  /** Told of an evaluation whose numbers are not finite: nothing of it is kept. */
  readonly skipped: (step: number) => void
}

export function createHeldoutCurve(input: HeldoutCurveInput): HeldoutCurve {
  const { dir, config, emit, proceed, steps } = input
  const { heldoutEvery: every, heldoutTokens: most, seed } = config.settings
  const examples = input.examples.filter((example) => example.split === 'heldout')
  const lengths = examples.map((example) => example.ids.length)
  const frozen = heldoutPart(lengths, { most, seed })
  const part = every > 0 ? frozen : null
  const some = frozen === null ? examples : examples.filter((_, index) => frozen.has(index))
  const tokensOf = (of: readonly SplitExample[]): number => of.reduce((sum, { ids }) => sum + ids.length, 0)
  let [seconds, scored] = [0, 0]

  const measure = async (phase: 'heldout-before' | 'heldout' | 'heldout-after', adapter: Adapter | null) => {
    const wanted = phase === 'heldout' ? some : examples
    let began = performance.now()
    const found = await evaluateHeldoutParts(
      {
        runtime: input.runtime,
        config: input.model,
        adapter,
        examples: wanted,
        passTokens: SCORE_TOKENS,
        onProgress: async (done, total) => {
          emit({ type: 'phase', phase, done, total })
          const asked = performance.now()
          const outcome = await proceed()
          // A paused evaluation is not a slow one.
          began += performance.now() - asked
          return outcome
        },
      },
      phase === 'heldout' ? null : part,
    )
    if (found) [seconds, scored] = [seconds + (performance.now() - began) / 1000, scored + tokensOf(wanted)]
    return found
  }
  const pointOf = (step: number, result: Heldout): HeldoutPoint => ({ step, result, whole: part === null })
  const keep = (change: Partial<HeldoutFile>, point: HeldoutPoint): void => {
    const known = readHeldout(dir)
    const series = [...(known.series ?? []).filter(({ step }) => step !== point.step), point]
    writeHeldout(dir, { ...known, ...change, ...(every > 0 && { series }) })
  }
  const end = async (when: 'before' | 'after', step: number, adapter: Adapter | null): Promise<Outcome> => {
    if (examples.length === 0) return 'go'
    const known = readHeldout(dir)
    const result = known[when]
    if (result) {
      const point = known.series?.find((measured) => measured.step === step) ?? pointOf(step, result)
      emit({ type: 'heldout', when, result, point })
      return 'go'
    }
    const found = await measure(`heldout-${when}`, adapter)
    if (!found) return 'stop'
    if (!isFiniteResult(found.whole)) {
      input.skipped(step)
      return 'go'
    }
    const point = pointOf(step, found.part)
    keep({ [when]: found.whole }, point)
    emit({ type: 'heldout', when, result: found.whole, point })
    return 'go'
  }
  const belongs = (done: number): boolean =>
    every > 0 && examples.length > 0 && done > 0 && done < steps() && done % every === 0
  return {
    before: () => end('before', 0, null),
    due: (done) => belongs(done) && !readHeldout(dir).series?.some(({ step }) => step === done),
    during: async (done, adapter) => {
      const found = await measure('heldout', adapter)
      if (!found) return 'stop'
      if (!isFiniteResult(found.part)) {
        input.skipped(done)
        return 'go'
      }
      const point = pointOf(done, found.part)
      keep({}, point)
      emit({ type: 'heldout', when: 'during', result: point.result, point })
      return 'go'
    },
    after: (done, adapter) => end('after', done, adapter),
    actAccuracy: async (done, adapter) => {
      const known = readHeldout(dir).series?.find(({ step }) => step === done)?.result
      const found = known ?? (await measure('heldout', adapter))?.part
      return found ? (found.byKind.act?.accuracy ?? null) : 'stop'
    },
    points: () => readHeldout(dir).series ?? [],
    load: {
      during: (done) => Array.from({ length: Math.max(0, steps() - done) }, (_, i) => done + i).filter(belongs).length,
      duringTokens: tokensOf(some),
      afterTokens: tokensOf(examples),
      secondsPerToken: () => (scored === 0 ? null : seconds / scored),
    },
  }
}

const isFiniteResult = ({ agent, byKind, byPart }: Heldout): boolean =>
  [agent, ...Object.values(byKind), ...Object.values(byPart)].every(({ nll }) => Number.isFinite(nll))

/** Forgets what was measured behind later steps than these: they are made again. */
export function forgetLater(dir: string, steps: number): void {
  const { series, after: _, ...known } = readHeldout(dir)
  if (!series?.some(({ step }) => step > steps)) return
  writeHeldout(dir, { ...known, series: series.filter(({ step }) => step <= steps) })
}

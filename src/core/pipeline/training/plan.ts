// The plan of a run: which examples each optimiser step takes, how they are packed into passes, and the learning rate.
import { scheduleFactor } from '../../nn/index.ts'
import { createRandom, shuffled } from '../../random.ts'
import type { TrainSettings } from '../../../shared/records/run.ts'

export type PlannedStep = {
  /** Indices of examples, in the order they were drawn. */
  readonly examples: readonly number[]
  /** The same examples as groups that run together. */
  readonly passes: readonly (readonly number[])[]
  readonly lr: number
}

type PlanSettings = Pick<
  TrainSettings,
  'batchTokens' | 'microTokens' | 'epochs' | 'maxSteps' | 'seed' | 'lr' | 'schedule' | 'warmupSteps'
>

/** Groups indices so that no group exceeds `most` tokens unless one example does alone: first fit, longest first. */
export function packPasses(indices: readonly number[], lengths: readonly number[], most: number): number[][] {
  const lengthOf = (index: number): number => lengths[index] as number
  const passes: { indices: number[]; tokens: number }[] = []
  for (const index of [...indices].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    const room = passes.find((pass) => pass.tokens + lengthOf(index) <= most)
    if (room) {
      room.indices.push(index)
      room.tokens += lengthOf(index)
    } else passes.push({ indices: [index], tokens: lengthOf(index) })
  }
  return passes.map((pass) => pass.indices)
}

/**
 * The whole run, decided by lengths (tokens of each example), settings and seed alone, so that a resumed run repeats it.
 * Each epoch is shuffled anew, of a last fraction the share is taken (at least one example); a step takes examples until it holds `batchTokens`; the last step takes what is left.
 */
export function planSteps(lengths: readonly number[], settings: PlanSettings): PlannedStep[] {
  const random = createRandom(settings.seed)
  // A small share of few examples is still one example: a run that trains nothing would look like one that did.
  const total = Math.min(1, lengths.length) * Math.max(1, Math.round(lengths.length * settings.epochs))
  const order: number[] = []
  while (order.length < total) order.push(...shuffled(lengths.map((_, i) => i), random))
  order.length = total

  const steps: number[][] = []
  let current: number[] = []
  let tokens = 0
  for (const index of order) {
    current.push(index)
    tokens += lengths[index] as number
    if (tokens < settings.batchTokens) continue
    steps.push(current)
    current = []
    tokens = 0
  }
  if (current.length > 0) steps.push(current)
  const kept = steps.slice(0, settings.maxSteps ?? steps.length)

  const schedule = { shape: settings.schedule, warmupSteps: settings.warmupSteps, steps: kept.length }
  return kept.map((examples, step) => ({
    examples,
    passes: packPasses(examples, lengths, settings.microTokens),
    lr: settings.lr * scheduleFactor(step, schedule),
  }))
}

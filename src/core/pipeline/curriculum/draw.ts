// What a stage draws, in order: its own trajectories pass by pass, mixed and sorted as it says, with replay in between.
import { createRandom, shuffled, type Random } from '../../random.ts'
import type { Stage } from '../../../shared/records/plan.ts'

/** A trajectory as it is drawn: its examples stay together and in order. */
export type Unit = {
  /** Indices of examples. */
  readonly examples: readonly number[]
  /** Of complexity, in [0, 1]. */
  readonly rank: number
  /** Of the stage's mix; null without one. */
  readonly group: string | null
}

/** A stage with its filter applied: all that decides what it draws. */
export type DrawnStage = {
  readonly own: readonly Unit[]
  /** Of earlier stages, without those that are its own. */
  readonly earlier: readonly Unit[]
  readonly order: Stage['order']
  readonly shares: Readonly<Record<string, number>> | null
  readonly replay: number
}

/** Rank of a unit in the order it is drawn: sorting by it is stable, so equal ones stay shuffled. */
const SORT: { readonly [O in Stage['order']]: ((unit: Unit) => number) | null } = {
  'easy-to-hard': ({ rank }) => rank,
  'hard-to-easy': ({ rank }) => -rank,
  shuffled: null,
}

export type Draw = { readonly example: number; readonly replayed: boolean }

/** Streams of random numbers that do not disturb each other. Stage 0's own order is that of a run without a plan. */
const streamOf = (seed: number, stage: number, purpose: 0 | 1): Random =>
  createRandom((seed + Math.imul(stage, 0x9e3779b1) + Math.imul(purpose, 0x85ebca6b)) >>> 0)

/** Examples that a pass of the stage's own takes. */
export function passSize({ own, shares }: Pick<DrawnStage, 'own' | 'shares'>): number {
  const named = shares === null ? own : own.filter(({ group }) => (shares[group ?? ''] ?? 0) > 0)
  return named.reduce((sum, { examples }) => sum + examples.length, 0)
}

/**
 * Without end, unless the stage has nothing of its own. After every trajectory drawn the share of replay is what was asked
 * for, to within half a trajectory; what is replayed is dealt like a deck, all of it once before anything twice.
 */
export function* drawStage(stage: DrawnStage, options: { readonly seed: number; readonly stage: number }): Generator<Draw, void> {
  if (passSize(stage) === 0) return
  const deck = dealt(stage.earlier, streamOf(options.seed, options.stage, 1))
  const ratio = stage.earlier.length > 0 ? stage.replay / (1 - stage.replay) : 0
  let [own, replayed] = [0, 0]
  for (const unit of ownUnits(stage, streamOf(options.seed, options.stage, 0))) {
    for (const example of unit.examples) yield { example, replayed: false }
    own += unit.examples.length
    while (replayed < ratio * own - 0.5) {
      const { examples } = deck.next().value as Unit
      for (const example of examples) yield { example, replayed: true }
      replayed += examples.length
    }
  }
}

/** Pass by pass; in each one, sorted, or in the order they were dealt. */
function* ownUnits({ own, shares, order }: DrawnStage, random: Random): Generator<Unit, never> {
  const key = SORT[order]
  const deal = shares === null ? () => shuffled(own, random) : mixed(own, shares, random)
  for (;;) {
    const pass = deal()
    yield* key === null ? pass : pass.sort((a, b) => key(a) - key(b))
  }
}

/** Shuffled anew each time all were dealt. Endless where there is something to deal. */
function* dealt(units: readonly Unit[], random: Random): Generator<Unit, void> {
  while (units.length > 0) yield* shuffled(units, random)
}

/**
 * Passes of as many trajectories as the named groups have, each group by its share: the next one is always of the group that
 * is furthest behind, counted over all passes. Within a group all are dealt once before any twice.
 */
function mixed(own: readonly Unit[], shares: Readonly<Record<string, number>>, random: Random): () => Unit[] {
  const named = [...new Set(own.map(({ group }) => group ?? ''))].filter((group) => (shares[group] ?? 0) > 0)
  const total = named.reduce((sum, group) => sum + shares[group]!, 0)
  const groups = named.map((name) => {
    const units = own.filter(({ group }) => group === name)
    return { share: shares[name]! / total, size: units.length, deck: dealt(units, random), drawn: 0 }
  })
  const size = groups.reduce((sum, group) => sum + group.size, 0)
  let drawn = 0
  return () =>
    shuffled(
      Array.from({ length: size }, () => {
        drawn += 1
        const behind = groups.reduce((most, group) => (lag(group, drawn) > lag(most, drawn) ? group : most))
        behind.drawn += 1
        return behind.deck.next().value as Unit
      }),
      random,
    )
}

const lag = ({ share, drawn }: { share: number; drawn: number }, of: number): number => share * of - drawn

// A trajectory with changes the engine has not confirmed yet, by the same rules as in the engine.
import { applyCorrections, marksOf } from '../../core/pipeline/annotation/index.ts'
import type { OpenedTrajectory } from '../../shared/contract/routes/trajectories.ts'
import type { CorrectionChange, StepLabel } from '../../shared/records/correction.ts'
import type { ShownTurn } from './cursor.ts'

/**
 * The opened trajectory with changes laid over it. Its list of corrections, its findings and its revision are the engine's
 * to say, and stay.
 * @throws CorrectionError when a change does not fit
 */
export function withChanges(opened: OpenedTrajectory, changes: readonly CorrectionChange[]): OpenedTrajectory {
  if (changes.length === 0) return opened
  const { task, corrections: _, ...trajectory } = opened.shown
  const corrected = applyCorrections(
    { ...trajectory, taskId: task.id },
    opened.shown.turns.map(({ spans }) => spans),
    changes.map((change, index) => ({ id: index, trajectoryId: trajectory.id, change, reason: '', author: '', at: '' })),
  )
  const labels = new Map<number, StepLabel | null>()
  const touched = new Set<number>()
  const given = new Set(changes.map(({ type }) => type))
  for (const change of changes) {
    if (change.type === 'label') labels.set(change.turn, change.label)
    if ('turn' in change) touched.add(change.turn)
  }
  const marks = marksOf(changes)
  return {
    ...opened,
    ...(given.has('review') ? { review: marks.review } : {}),
    ...(given.has('tags') ? { tags: marks.tags } : {}),
    ...(given.has('note') ? { note: marks.note } : {}),
    original: opened.original.map((turn, index) => turn ?? (touched.has(index) ? asTurn(opened.shown.turns[index]!) : null)),
    shown: {
      ...opened.shown,
      turns: opened.shown.turns.map((turn, index): ShownTurn => {
        if (!touched.has(index)) return turn
        const label = labels.get(index)
        return { ...corrected.trajectory.turns[index]!, spans: corrected.spans[index]!, label: label === undefined ? turn.label : label }
      }),
    },
  }
}

const asTurn = ({ spans: _, label: __, ...turn }: ShownTurn): OpenedTrajectory['original'][number] => turn

/** Equal as records: keys in any order, undefined as absent. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => same(left[key], right[key]))
}

/** A turn from the engine and one made here compare equal when they say the same. */
export const sameTurn = (a: ShownTurn | undefined, b: ShownTurn | undefined): boolean => same(a, b)

/** True when what the changes are about is the same in both. */
export function agreeOn(a: OpenedTrajectory, b: OpenedTrajectory, changes: readonly CorrectionChange[]): boolean {
  return changes.every((change) => {
    switch (change.type) {
      case 'text':
      case 'spans':
      case 'label':
        return sameTurn(a.shown.turns[change.turn], b.shown.turns[change.turn])
      case 'review':
        return a.review === b.review
      case 'tags':
        return same(a.tags, b.tags)
      case 'note':
        return a.note === b.note
    }
  })
}

/** The newer answer with the turns that did not change as they were, so that what shows them need not be drawn again. */
export function reconciled(before: OpenedTrajectory | null, after: OpenedTrajectory): OpenedTrajectory {
  if (!before || before.shown.id !== after.shown.id) return after
  const turns = after.shown.turns.map((turn, index) => {
    const old = before.shown.turns[index]
    return old && sameTurn(old, turn) ? old : turn
  })
  return { ...after, shown: { ...after.shown, turns } }
}

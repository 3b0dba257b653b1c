// The plan as it is edited: undo and redo, where edits of one field that follow each other are one step.
import type { Plan } from '../../shared/records/plan.ts'

export type PlanHistory = {
  readonly past: readonly Plan[]
  readonly now: Plan
  readonly future: readonly Plan[]
  /** What the newest edit was of; null: of something that is a step of its own each time. */
  readonly mark: string | null
}

/** So many steps can be undone. */
const DEEPEST = 200

export const beginHistory = (plan: Plan): PlanHistory => ({ past: [], now: plan, future: [], mark: null })

/** An edit with the mark of the one before belongs to the same step. The same plan is no edit. */
export function edited(history: PlanHistory, plan: Plan, mark: string | null): PlanHistory {
  if (plan === history.now) return history
  if (mark !== null && mark === history.mark) return { ...history, now: plan, future: [] }
  return { past: [...history.past, history.now].slice(-DEEPEST), now: plan, future: [], mark }
}

export function undone({ past, now, future, ...rest }: PlanHistory): PlanHistory {
  const before = past.at(-1)
  return before ? { past: past.slice(0, -1), now: before, future: [now, ...future], mark: null } : { past, now, future, ...rest }
}

export function redone({ past, now, future, ...rest }: PlanHistory): PlanHistory {
  const [after, ...later] = future
  return after ? { past: [...past, now], now: after, future: later, mark: null } : { past, now, future, ...rest }
}

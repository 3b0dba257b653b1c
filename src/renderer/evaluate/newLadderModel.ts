// The form of a new ladder: whose student is trained, on how much, taught by whom, and the wish that it comes to.
import { z } from 'zod'
import type { LadderWish, SuiteInfo } from '../../shared/contract/evaluating.ts'
import type { LadderTeachingWish } from '../../shared/contract/routes/ladders.ts'
import { TEACHING, teachingDraftSchema, teachingOf } from '../teacher/teachingModel.ts'

export const ladderDraftSchema = teachingDraftSchema.extend({
  student: z.string(),
  /** Training tokens of each rung. */
  tokens: z.int(),
  /** How many. */
  seeds: z.int(),
  /** Of the rung of self-consistent actions. */
  samples: z.int(),
  /** Rungs by name; empty: all. */
  rungs: z.array(z.string()),
})
export type LadderDraft = z.infer<typeof ladderDraftSchema>

/** Where a model teaches, it begins with its own thought in the rung that is made for it. */
export const LADDER_DRAFT: LadderDraft = { ...TEACHING, thought: 'all', student: '', tokens: 50_000, seeds: 1, samples: 8, rungs: [] }

/** Of the suite, by this teacher. */
export const rungsFor = ({ rungs }: Pick<SuiteInfo, 'rungs'>, { kind, thought }: Pick<LadderDraft, 'kind' | 'thought'>): SuiteInfo['rungs'] =>
  rungs.filter(({ byModel }) => !byModel || (kind !== 'expert' && thought !== 'off'))

export type NewLadder = { readonly wish: LadderWish; readonly teaching?: LadderTeachingWish }

/** Of tasks that the form shares with that of an evaluation. */
type Tasks = { readonly suite: LadderWish['suite']; readonly tasks: number; readonly seed: number }

/** As the contract takes it. An expert teaches as the rungs say: nothing is said of it. */
export function newLadderOf({ suite, tasks, seed }: Tasks, draft: LadderDraft): NewLadder {
  const { student, tokens, seeds, samples, rungs, kind } = draft
  const wish: LadderWish = {
    suite, student, tokens, tasks, taskSeed: seed, seeds: Array.from({ length: seeds }, (_, index) => index + 1), sag: samples,
    ...(rungs.length > 0 && { only: [...rungs] }),
  }
  return kind === 'expert' ? { wish } : { wish, teaching: teachingOf(draft) }
}

// What there is of a batch, counted: kept, rejected and why, coverage of log-probabilities, first thoughts.
import type { z } from 'zod'
import type { RejectionReason, Rollout, Usage } from '../../shared/records/rollout.ts'
import type { rolloutRowSchema } from '../../shared/contract/rollouts.ts'

export type Tallies = Omit<z.infer<typeof rolloutRowSchema>, 'batch' | 'state' | 'reason' | 'folder' | 'teacher' | 'problem'>

/** Counts episodes one after the other. */
export type Tally = { add(rollout: Rollout): void; state(of: { usage: Usage; lost: number }): Tallies }

export function createTally({ total, logprobs }: { total: number; logprobs: boolean }): Tally {
  let [done, kept, duplicates, rejected, tokens, of, continued, instructed] = [0, 0, 0, 0, 0, 0, 0, 0]
  const rejections = new Map<RejectionReason, { count: number; detail: string }>()
  return {
    add(rollout) {
      done += 1
      if (rollout.rejected === null) kept += 1
      else {
        rejected += 1
        rejections.set(rollout.rejected, { count: (rejections.get(rollout.rejected)?.count ?? 0) + 1, detail: rollout.detail })
      }
      if (rollout.trajectory?.kept === 'duplicate') duplicates += 1
      tokens += rollout.coverage?.tokens ?? 0
      of += rollout.coverage?.of ?? 0
      if (rollout.firstThought?.way === 'continued') continued += 1
      if (rollout.firstThought?.way === 'instructed') instructed += 1
    },
    state: ({ usage, lost }) => ({
      done,
      total,
      kept,
      duplicates,
      rejected,
      rejections: [...rejections].map(([reason, of]) => ({ reason, ...of })).sort((a, b) => b.count - a.count),
      usage,
      coverage: { asked: logprobs, tokens, of },
      firstThoughts: { continued, instructed },
      lost,
    }),
  }
}

// The desk of rollouts: one batch of a teacher's episodes is made at a time in a project.
import type { RolloutProgress, RolloutReport } from '../../shared/contract/rollouts.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'

export type RolloutDesk = JobDesk<RolloutProgress, RolloutReport>

export const createRolloutDesk = (): RolloutDesk =>
  createJobDesk({
    busy: { code: 'rollouts-busy', message: 'a teacher is at work in this project' },
    failed: { code: 'rollouts-failed', message: 'the rollouts could not be made' },
  })

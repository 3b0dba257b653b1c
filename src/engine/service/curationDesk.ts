// The desk of curations: one at a time in a project.
import type { CurateProgress } from '../../shared/contract/curating.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'

export type CurationDesk = JobDesk<CurateProgress, { readonly id: string }>

export const createCurationDesk = (): CurationDesk =>
  createJobDesk({
    busy: { code: 'curate-busy', message: 'a curation is under way in this project' },
    failed: { code: 'curate-failed', message: 'the curation failed' },
  })

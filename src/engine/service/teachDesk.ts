// The desk of teachers' files: one is made at a time in a project.
import type { TeacherReport, TeachProgress } from '../../shared/contract/teaching.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'

export type TeachDesk = JobDesk<TeachProgress, TeacherReport>

export const createTeachDesk = (): TeachDesk =>
  createJobDesk({
    busy: { code: 'teach-busy', message: "a teacher's distributions are being made in this project" },
    failed: { code: 'teach-failed', message: "the teacher's distributions could not be made" },
  })

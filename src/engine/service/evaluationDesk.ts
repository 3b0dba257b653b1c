// The desk of evaluations: one is worked at at a time in a project; its job has the evaluation's id.
import type { EvaluationProgress } from '../../shared/contract/evaluating.ts'
import type { Evaluation } from '../../shared/records/evaluation.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'

export type EvaluationDesk = JobDesk<EvaluationProgress, Evaluation>

export const createEvaluationDesk = (): EvaluationDesk =>
  createJobDesk({
    busy: { code: 'evaluation-busy', message: 'a student is at work in this project' },
    failed: { code: 'evaluation-failed', message: 'the evaluation could not go on' },
  })

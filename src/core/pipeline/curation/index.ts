// Curation: which trajectories are worth training on. A row of filters, each rejection with its reason; nothing is deleted.
export { curate, type CurationJob, type Funnel } from './curate.ts'
export { wordsOf } from './words.ts'
export type { Candidate, CurationWorld, EvaluationSet, JudgeAnswer, JudgePort, StudentPort } from './filter.ts'

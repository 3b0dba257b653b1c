// Evaluations of a project: begun from what is wanted, gone on with, listed, read, shown.
export { createEvaluation, type EvaluateOptions, runEvaluation } from './evaluate.ts'
export { discardEvaluation, listEvaluations, readEpisodes, readEvaluation } from './folder.ts'
export { compareEvaluations, shownEpisode } from './show.ts'
export { specOf, suiteInfos } from './spec.ts'

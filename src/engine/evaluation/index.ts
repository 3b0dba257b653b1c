// Evaluations of a project: begun from what is wanted, gone on with, listed, read, shown.
export { climb, type ClimbOptions, createLadder } from './climb.ts'
export { createEvaluation, type EvaluateOptions, runEvaluation } from './evaluate.ts'
export { discardEvaluation, listEvaluations, readEpisodes, readEvaluation } from './folder.ts'
export { discardLadder, listLadders, readLadder, reportOf } from './ladderFolder.ts'
export { compareEvaluations, shownEpisode } from './show.ts'
export { ladderSpecOf, specOf, suiteInfos } from './spec.ts'

// Evaluations of a project: begun from what is wanted, gone on with, listed, read, shown.
export { climb, type ClimbOptions } from './climb.ts'
export { type EvaluatedTasks, evaluatedTasks } from './evaluatedTasks.ts'
export { createEvaluation, type EvaluateOptions, runEvaluation } from './evaluate.ts'
export { discardEvaluation, listEvaluations, readEpisodes, readEvaluation } from './folder.ts'
export { discardLadder, listLadders, readLadder, reportOf } from './ladderFolder.ts'
export { createLadder } from './newLadder.ts'
export { compareEvaluations, shownEpisode } from './show.ts'
export { type LadderMore, type LadderTeaching, ladderSpecOf, specOf, suiteInfos } from './spec.ts'

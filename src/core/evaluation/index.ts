// Evaluation in worlds: tasks put to students, what episodes come to, and how sure that is.
export { type Asking, type Attempt, attempt, promptingsOf, requirePrompting, workedEpisode, workedExample } from './attempt.ts'
export { ladderArms } from './arms.ts'
export { type AskedStep, rationaleOf, rougeL } from './rationale.ts'
export { ladderReport } from './report.ts'
export { type RungResults, scoresOf } from './scores.ts'
export { bootstrapMean, mean, pairedDifference, wilson } from './statistics.ts'
export { resultOf, summarise } from './summary.ts'
export { createWordingCheck } from './wording.ts'

// Evaluation in worlds: tasks put to students, what episodes come to, and how sure that is.
export { type Asking, type Attempt, attempt, openingOf, promptingsOf, requirePrompting, workedExample, workedTurns } from './attempt.ts'
export { bootstrapMean, mean, pairedDifference, wilson } from './statistics.ts'
export { resultOf, summarise } from './summary.ts'

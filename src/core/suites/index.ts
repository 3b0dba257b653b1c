// Suites: generated tasks with exact scorers and experts. A new suite is a new row of SUITES.
export type { Article, Expert, ExpertMove, ExpertOptions, Likeness, PastStep, Problem, Suite, SuiteTools } from './suite.ts'
export { type Draw, drawProblems, ofFamilies, requireFamilies, requireStyle, requireTasks } from './draw.ts'
export { expertModel, type ExpertVoice } from './expertModel.ts'
export { pastSteps } from './history.ts'
export { type ProblemRun, runProblem } from './run.ts'
export { SUITES, suiteNamed } from './table.ts'
export { type SameAnswer, sameMath, sameWords } from './answers.ts'
export { numberOf, sameNumber } from './number.ts'

// Suites: generated tasks with exact scorers and experts. A new suite is a new row of SUITES.
export type { Article, Expert, PastStep, Problem, Suite, SuiteTools } from './suite.ts'
export { numberOf, type SameAnswer, sameMath, sameNumber, sameWords } from './answers.ts'

// Suites on this machine: the tools that the core cannot make itself, and problems from files of data sets.
export { datasetProblems } from './dataset.ts'
export { type ExpertTrial, listSuites, showTasks, type TaskQuery, tryExpert } from './report.ts'
export { openSuiteTools, type OpenSuiteTools } from './tools.ts'

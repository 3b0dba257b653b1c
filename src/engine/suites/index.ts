// Suites on this machine: the tools that the core cannot make itself, and problems from files of data sets.
export { datasetProblems } from './dataset.ts'
export { openSuiteTools, type OpenSuiteTools } from './tools.ts'

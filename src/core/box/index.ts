// A box of tools: made from what a teacher writes for tasks, verified, and mounted by a student that is not trained.
export { type RunFunction, type RunOutcome, type Trial, tryOn, verificationOf } from './trial.ts'
export { makeBox, type Made, type Making } from './make.ts'
export { benchArms, type BenchArm } from './bench.ts'
export { scriptedToolmaker } from './scripted.ts'

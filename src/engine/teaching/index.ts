// Teaching: a teacher's episodes on a suite's tasks as training data, and the server that answers as the suites' experts do.
export { type Acceptance, acceptContinuation, listPreferences } from './acceptContinuation.ts'
export { type AskQuestion, askTeacher, estimateAsk, listAsked } from './askTeacher.ts'
export { expertPlace } from './expertPlace.ts'
export { startTeacherServer, type TeacherServer } from './server.ts'
export { type BatchRequest, estimateBatch, type FindTeacher, listBatches, resumeBatch, rolloutAt, rolloutPage, startBatch } from './batches.ts'
export type { RolloutWatch } from './makeRollouts.ts'
export type { OpenedBy } from './source.ts'

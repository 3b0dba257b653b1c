// Training in a project: make a run, train it, go on with it, export it.
export { defaultExportPath, exportRun } from './exportRun.ts'
export type { Prepared } from './prepareRun.ts'
export type { TrainerEvent } from './protocol.ts'
export { readRunConfig } from './runFolder.ts'
export { runFolderOf } from './runId.ts'
export type { SettingsInput } from './settings.ts'
export { continueRun, createRun, heldoutOfAdapter, unfinishedRun, type NewRun, type TrainWatch, type Wanted } from './startRun.ts'
export type { TrainerProcess } from './trainerProcess.ts'

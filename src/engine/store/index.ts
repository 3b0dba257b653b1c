// The store: a project's records in SQLite.
export { findAdapter, listAdapters, putAdapter } from './adapters.ts'
export { findCorrections, insertCorrection } from './corrections.ts'
export { findDatasetRevision, insertDatasetRevision } from './datasetRevisions.ts'
export { insertImportReport, listImportReports } from './importReports.ts'
export { findRun, insertRun, listRuns, updateRun } from './runs.ts'
export type { SearchHit } from './search.ts'
export { reindexTurn, searchTrajectories } from './search.ts'
export type { SpanCounts } from './spans.ts'
export { countSpans, findSpans, updateCounts } from './spans.ts'
export type { Staging } from './staging.ts'
export { openStaging } from './staging.ts'
export type { Store } from './store.ts'
export { openStore } from './store.ts'
export type { StoredTrajectory, TrajectoryColumns, TrajectorySummary } from './trajectories.ts'
export {
  countTrajectories, findTrajectory, insertTrajectory, MAX_TURNS, summariseTrajectories, toColumns, trajectoryIds,
} from './trajectories.ts'

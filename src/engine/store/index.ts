// The store: a project's records in SQLite.
export { deleteAdapter, findAdapter, listAdapters, putAdapter } from './adapters.ts'
export { findCorrections, findEveryCorrection, findMarks, insertCorrection } from './corrections.ts'
export { findDatasetRevision, insertDatasetRevision } from './datasetRevisions.ts'
export type { Insertion } from './insertion.ts'
export { insertTrajectory, openBulkStore, openInsertion } from './insertion.ts'
export { insertImportReport, listImportReports, pageImportReports } from './importReports.ts'
export type { Entry, JournalEvent } from './journal.ts'
export {
  countEntries, entryTrajectories, eventsOf, findEntry, insertEdit, insertUndoRedo, listEntries, nextRedo, nextUndo,
} from './journal.ts'
export type { Figures, LineSummary, PackedLines } from './lines.ts'
export {
  countLines, figuresOf, findLine, idsInReview, lineMarks, readChangedLines, readNewLines, searchText, seqOf, seqsByQuestion, seqsOfTask,
  stampOf, updateLine,
} from './lines.ts'
export { rebuild } from './rebuild.ts'
export { deleteRun, findRun, insertRun, listRuns, updateRun } from './runs.ts'
export type { SearchHits } from './search.ts'
export { isBeginning, RANKED_AT_MOST, reindex, searchTrajectories, searchWords } from './search.ts'
export { findSpans, unpackSpans } from './spans.ts'
export { sqliteError } from './sqliteError.ts'
export { openStore } from './openStore.ts'
export type { OpenTransaction, Store } from './store.ts'
export type { StoredTrajectory, TrajectoryColumns, TrajectoryRow } from './trajectories.ts'
export {
  completeId, countTrajectories, findTexts, findTrajectory, MAX_TURNS, toColumns, toRow, trajectoryIds,
} from './trajectories.ts'

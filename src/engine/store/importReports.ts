// Import reports in the store: what became of every file that was brought in.
import type { ImportedFile } from '../../shared/contract/importing.ts'
import { importedFileSchema } from '../../shared/contract/importing.ts'
import type { Store } from './store.ts'

/** `at` is ISO 8601. */
export function insertImportReport(store: Store, at: string, report: ImportedFile): void {
  store.statement('INSERT INTO import_report (at, report) VALUES (?, ?)').run(at, JSON.stringify(report))
}

/** All reports, oldest first. */
export function listImportReports(store: Store): { at: string; report: ImportedFile }[] {
  return store
    .statement('SELECT at, report FROM import_report ORDER BY id')
    .all()
    .map((row) => ({ at: String(row['at']), report: importedFileSchema.parse(JSON.parse(String(row['report']))) }))
}

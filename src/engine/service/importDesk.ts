// The desk of imports: one at a time in a project; what was uploaded for one is kept until it has ended.
import type { ImportReport } from '../../shared/contract/importing.ts'
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import { dropUploads } from '../files/index.ts'
import { appFolders, type Machine } from '../paths.ts'
import { importInProcess, type ImportProgress } from '../project/index.ts'
import type { Broadcast } from './broadcast.ts'
import { claimPaths } from './claimPaths.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'

/** Files that are done stay in the project when an import is cancelled. */
export type ImportDesk = Omit<JobDesk<ImportProgress, ImportReport>, 'start' | 'requireFree'> & {
  /** Yields the import's id; throws RetortError `import-busy` while the project has one that runs. */
  start(folder: string, paths: readonly string[]): string
}

export function createImportDesk({ machine, changed }: { machine: Machine; changed: Broadcast<AppEvent> }): ImportDesk {
  const desk = createJobDesk<ImportProgress, ImportReport>({
    busy: { code: 'import-busy', message: 'the project has an import that runs' },
    failed: { code: 'import-failed', message: 'the import failed' },
  })
  const { data } = appFolders(machine)
  return {
    ...desk,
    start(folder, paths) {
      desk.requireFree(folder)
      claimPaths(data, paths)
      return desk.start(folder, async (watch) => {
        try {
          return await importInProcess({ folder, paths }, watch)
        } finally {
          dropUploads(data, paths)
          changed.send({ type: 'trajectories', project: folder })
        }
      })
    },
  }
}

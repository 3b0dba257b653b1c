// An import as a page makes it, to its end: started, followed, its report put away.
import type { Api } from '../../src/shared/contract/api.ts'
import type { ImportJob, ImportReport } from '../../src/shared/contract/importing.ts'
import { RetortError, type RetortErrorParts } from '../../src/shared/errors.ts'

/** What is told while it runs. */
type Progress = NonNullable<Extract<ImportJob['state'], { type: 'running' }>['progress']>
type Made = { readonly project: string; readonly paths: string[] }

/** Throws what the start refuses, and RetortError for an import that fails. */
export async function importInto(client: Api, { project, paths }: Made): Promise<{ report: ImportReport; progress: Progress[] }> {
  const { imports } = client.trajectories
  const { id } = await imports.start({ project, paths })
  const progress: Progress[] = []
  for await (const { job } of await imports.watch({ project })) {
    if (job?.id !== id) continue
    if (job.state.type === 'failed') throw new RetortError(job.state.error as RetortErrorParts)
    if (job.state.type === 'running') progress.push(...(job.state.progress ? [job.state.progress] : []))
    else {
      await imports.dismiss({ project, id })
      return { report: job.state.report, progress }
    }
  }
  throw new Error('the import ended without a report')
}

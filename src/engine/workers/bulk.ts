// Entry of a process for a large edit, undo or redo: takes one job over IPC, answers with the entry of the journal.
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { stepHere, type BulkJob, type BulkMessage } from '../project/index.ts'
import { sqliteError } from '../store/index.ts'
import { runProjectJob } from './projectJob.ts'

function partsOf(error: unknown): RetortErrorParts {
  const known = error instanceof RetortError ? error : sqliteError(error)
  if (known) return errorParts(known)
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return { code: 'edit-failed', message: 'the edit failed', found: error instanceof Error ? error.message : String(error) }
}

const run = ({ folder, step }: BulkJob): Promise<void> =>
  runProjectJob({ folder, partsOf, work: async (project): Promise<BulkMessage> => ({ type: 'done', entry: await stepHere(project, step) }) })

process.once('message', (job: BulkJob) => void run(job))
// Ctrl-C and a closed terminal reach the whole group; what was asked for is brought to its end.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})

// Entry of an import process: takes one job over IPC, tells its progress, ends with the report.
import { errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'
import { importPaths, type ImportCommand, type ImportJob, type ImportMessage, type ImportProgress } from '../project/index.ts'
import { sqliteError } from '../store/index.ts'
import { runProjectJob } from './projectJob.ts'
import { tellParent } from './tellParent.ts'

const stop = new AbortController()

function partsOf(error: unknown): RetortErrorParts {
  const known = knownError(error) ?? sqliteError(error)
  if (known) return errorParts(known)
  if (!stop.signal.aborted) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return { code: 'import-failed', message: 'the import failed', found: error instanceof Error ? error.message : String(error) }
}

const tell = (message: ImportMessage): Promise<void> => tellParent(message)
const onProgress = (progress: ImportProgress): void => void tell({ type: 'progress', progress })

const run = ({ folder, paths }: ImportJob): Promise<void> =>
  runProjectJob({
    folder,
    partsOf,
    work: async (project): Promise<ImportMessage> => ({ type: 'done', report: await importPaths(project, paths, { onProgress, signal: stop.signal }) }),
  })

process.on('message', (command: ImportCommand) => {
  if (command.type === 'start') void run(command.job)
  else stop.abort(new Error('stopped'))
})
// Nobody is left to tell; the file that is being read leaves nothing.
process.on('disconnect', () => stop.abort(new Error('the app has ended')))
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})

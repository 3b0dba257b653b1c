// Where the entries of child processes lie: beside this module, in the checkout (.ts) and in the built app (.js).
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

export type WorkerName = 'bench' | 'bulk' | 'code' | 'import' | 'prepare' | 'provider' | 'python' | 'read' | 'score' | 'service' | 'sql' | 'teacher' | 'trainer'

/** A build has to put all entries, and the chunk that holds this module, into one folder. */
export const workerEntry = (name: WorkerName): string =>
  fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url))

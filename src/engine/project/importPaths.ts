// Files into a project: each is found by its content, read record by record, and kept as a whole or not at all.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { realpathSync } from 'node:fs'
import type { ImportedFile, ImportReport } from '../../shared/contract/importing.ts'
import { openBulkStore, type Store } from '../store/index.ts'
import { openKeeping } from './importKeeping.ts'
import { linesAreShort } from './importLines.ts'
import { unread } from './importReader.ts'
import { readHere, readInThread, type FileReader } from './importThread.ts'
import type { Project } from './project.ts'
import type { FoundFile } from './walk.ts'
import { findFiles } from './walk.ts'

export type ImportProgress = {
  /** The file that was read last. */
  path: string
  /** Files that are done, and files in all. */
  file: number
  files: number
  /** Of all files. */
  bytesRead: number
  bytesTotal: number
  /** Of all files: records read so far, kept, duplicate or rejected. */
  records: number
}

export type ImportOptions = {
  onProgress?: ((progress: ImportProgress) => void) | undefined
  /** Files that are done stay; the one being read leaves nothing. */
  signal?: AbortSignal | undefined
  now?: (() => Date) | undefined
}

/** Bytes of all files from which on they are read in a thread of their own, which takes a tenth of a second to begin. */
const IN_THREAD = 2_000_000

/** Imports files and folders in the order given. Throws when a path does not exist, or with the signal's reason. */
export async function importPaths(
  project: Project,
  paths: readonly string[],
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { onProgress, signal, now = () => new Date() } = options
  const found = findFiles(paths, realpathSync(project.folder))
  const progress = { file: 0, files: found.length, bytesRead: 0, bytesTotal: 0, records: 0 }
  for (const file of found) if ('size' in file) progress.bytesTotal += file.size
  const readable = found.flatMap((file) => ('reason' in file ? [] : [file.path]))
  // A connection of its own: a transaction that lasts from one batch to the next is not that of others.
  const store = openBulkStore(project.store.path)
  let reader: FileReader | null = null
  try {
    const inThread = progress.bytesTotal >= IN_THREAD && (await linesAreShort(readable, signal))
    reader = inThread ? readInThread(readable) : readHere()
    const files = await importFiles({ store, reader, found, progress, onProgress, signal, now })
    const sum = (key: 'kept' | 'duplicates'): number => files.reduce((total, file) => total + file[key], 0)
    return { kept: sum('kept'), duplicates: sum('duplicates'), files }
  } finally {
    reader?.dispose()
    store.dispose()
  }
}

type FilesOptions = Omit<ImportOptions, 'now'> & {
  store: Store
  reader: FileReader
  found: readonly FoundFile[]
  progress: Omit<ImportProgress, 'path'>
  now: () => Date
}

async function importFiles({ store, reader, found, progress, onProgress, signal, now }: FilesOptions): Promise<ImportedFile[]> {
  const files: ImportedFile[] = []
  for (const file of found) {
    signal?.throwIfAborted()
    const before = progress.bytesRead
    const onBatch = async (bytes: number, records: number): Promise<void> => {
      progress.bytesRead = before + bytes
      progress.records += records
      onProgress?.({ path: file.path, ...progress })
      await nextTurn()
      signal?.throwIfAborted()
    }
    files.push(await importFile(file, { store, reader, onBatch, at: now().toISOString() }))
    progress.bytesRead = before + ('size' in file ? file.size : 0)
    progress.file += 1
    onProgress?.({ path: file.path, ...progress })
  }
  return files
}

type FileOptions = {
  store: Store
  reader: FileReader
  onBatch: (bytes: number, records: number) => Promise<void>
  /** ISO 8601. */
  at: string
}

async function importFile(file: FoundFile, { store, reader, onBatch, at }: FileOptions): Promise<ImportedFile> {
  const keeping = openKeeping(store)
  try {
    if ('reason' in file) return await keeping.end(unread(file.path, file.reason), at)
    for await (const event of reader.next(file.path)) {
      if (event.type === 'end') return await keeping.end(event.report, at)
      await keeping.add(event.batch)
      await onBatch(event.batch.bytes, event.batch.records)
    }
    throw new Error(`${file.path}: the reader has gone`)
  } finally {
    keeping.dispose()
  }
}

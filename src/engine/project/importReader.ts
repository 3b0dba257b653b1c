// One file as batches of rows for the store: found by its content, read record by record, divided into spans. Writes nothing.
import { segmentTrajectory } from '../../core/pipeline/segmentation/index.ts'
import { isArchive, openArchive, openImport, RECORD_LIMIT } from '../../core/pipeline/trajectory/index.ts'
import type { ByteSource } from '../../core/ports/index.ts'
import { MOST_REASONS, type ImportedFile } from '../../shared/contract/importing.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import { openByteSource, openLineSource, sha256, unpack } from '../files/index.ts'
import type { FileSource } from '../files/index.ts'
import { MAX_TURNS, toColumns, toRow } from '../store/index.ts'
import type { TrajectoryRow } from '../store/index.ts'

/** What was read since the batch before. */
export type Batch = {
  readonly rows: readonly TrajectoryRow[]
  /** Of all its rows. */
  readonly characters: number
  /** With those that were rejected. */
  readonly records: number
  /** Of the file, so far. */
  readonly bytes: number
}

/** Of one file: batches, then the end. */
export type ReadEvent =
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'end'; readonly report: ImportedFile }

/** A batch ends when it has this many characters, or took this long: then other work gets its turn, and progress is told. */
const BATCH_CHARACTERS = 1024 * 1024
const BATCH_MS = 50

/** Characters of a batch from which on what it leaves behind is collected at once. */
export const LARGE_BATCH = 4 * BATCH_CHARACTERS

/** Reads a file to its end, which is its report, in which nothing is kept yet. Of a file that is refused no batch counts. */
export function* readFile(path: string): Generator<ReadEvent> {
  const report = yield* readBatches(path)
  yield { type: 'end', report }
}

function* readBatches(path: string): Generator<ReadEvent, ImportedFile> {
  let bytes = 0
  const rejected: ImportedFile['rejected'] = []
  let rejectedCount = 0
  const reject = (index: number, reason: string): void => {
    rejectedCount += 1
    if (rejected.length < MOST_REASONS) rejected.push({ index, reason })
  }
  const onRead = (read: number): number => (bytes = read)
  let source: FileSource | null = null
  try {
    source = openByteSource(path)
    const opened = isArchive(source)
      ? openArchive({ bytes: watched(source, onRead), unpack }, sha256)
      : openImport(openLineSource(path, { onRead }), sha256)
    if (opened.format === null) return unread(path, opened.reason)
    let batch = newBatch()
    for (const record of opened.records()) {
      if ('refused' in record) return unread(path, record.refused)
      batch.records += 1
      if ('rejected' in record) reject(record.rejected.index, record.rejected.reason)
      else {
        const problem = tooLong(record.trajectory)
        if (problem !== null) reject(record.trajectory.source.index, problem)
        else {
          const row = toRow(toColumns({ ...record, spans: segmentTrajectory(record.trajectory) }))
          batch.rows.push(row)
          batch.characters += charactersOf(row)
        }
      }
      if (batch.characters < BATCH_CHARACTERS && performance.now() - batch.begun < BATCH_MS) continue
      yield { type: 'batch', batch: { ...batch, bytes } }
      batch = newBatch()
    }
    if (batch.records > 0) yield { type: 'batch', batch: { ...batch, bytes } }
    return { path, format: opened.format, kept: 0, duplicates: 0, rejectedCount, rejected }
  } catch (error) {
    // The operating system's refusals (no permission, vanished, a bad disk) concern this file alone.
    if (!isSystemError(error)) throw error
    return unread(path, `cannot be read: ${error.message}`)
  } finally {
    source?.close()
  }
}

/** The report of a file of which nothing is taken. */
export const unread = (path: string, reason: string): ImportedFile => {
  return { path, format: null, reason, kept: 0, duplicates: 0, rejectedCount: 0, rejected: [] }
}

type OpenBatch = { rows: TrajectoryRow[]; characters: number; records: number; begun: number }
const newBatch = (): OpenBatch => ({ rows: [], characters: 0, records: 0, begun: performance.now() })

const charactersOf = (row: TrajectoryRow): number =>
  row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)

/** Tells how far into the file was read. */
const watched = (source: FileSource, onRead: (bytes: number) => void): ByteSource => ({
  ...source,
  read: (offset, length) => {
    onRead(offset + length)
    return source.read(offset, length)
  },
})

/** Why a trajectory cannot be kept; null: it can. */
function tooLong({ turns }: Trajectory): string | null {
  if (turns.length > MAX_TURNS) return `found ${turns.length} turns, expected at most ${MAX_TURNS}`
  const characters = turns.reduce((sum, { text }) => sum + text.length, 0)
  return characters > RECORD_LIMIT ? `found ${characters} characters of text, expected at most ${RECORD_LIMIT}` : null
}

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && typeof (error as NodeJS.ErrnoException).code === 'string'

// What was read of a file into the store, in one transaction, which begins as late as memory allows.
import { setTimeout as wait } from 'node:timers/promises'
import type { ImportedFile } from '../../shared/contract/importing.ts'
import { RetortError } from '../../shared/errors.ts'
import { insertImportReport, openInsertion, type Insertion, type OpenTransaction, type Store } from '../store/index.ts'
import type { Batch } from './importReader.ts'

export type Keeping = {
  readonly add: (batch: Batch) => Promise<void>
  /** Keeps what was added, where the file has a format, and its report; gives it with what was kept. */
  readonly end: (report: ImportedFile, at: string) => Promise<ImportedFile>
  /** Without `end`, or when that failed, nothing is kept. */
  readonly dispose: () => void
}

/** A file of no more characters waits as a whole outside of the database while it is read, so that others can write. */
const WAITING = 4 * 1024 * 1024

/** How long to wait for another process's transaction; other work of this process goes on meanwhile. */
const BUSY_MS = 30_000
const BUSY_PAUSE_MS = 20

/** For one file. The store's connection is for this alone while it lasts. */
export function openKeeping(store: Store): Keeping {
  let transaction: OpenTransaction | null = null
  let insertion: Insertion | null = null
  let waiting: Batch[] = []
  let characters = 0
  const counts = { kept: 0, duplicates: 0 }
  const insert = (batch: Batch): void => {
    for (const row of batch.rows) counts[insertion!.add(row) === 'kept' ? 'kept' : 'duplicates'] += 1
  }
  const flush = async (): Promise<OpenTransaction> => {
    const open = (transaction ??= await begun(store))
    open.within(() => {
      insertion ??= openInsertion(store)
      waiting.forEach(insert)
    })
    waiting = []
    return open
  }
  return {
    add: async (batch) => {
      waiting.push(batch)
      characters += batch.characters
      if (characters > WAITING) await flush()
    },
    end: async (report, at) => {
      if (report.format === null) {
        waiting = []
        transaction?.rollback()
        transaction = null
        insertion = null
      }
      const open = await flush()
      const done = report.format === null ? report : { ...report, ...counts }
      open.within(() => {
        insertion?.end()
        insertImportReport(store, at, done)
      })
      open.commit()
      transaction = null
      return done
    },
    dispose: () => transaction?.rollback(),
  }
}

async function begun(store: Store): Promise<OpenTransaction> {
  const end = performance.now() + BUSY_MS
  for (;;) {
    try {
      return store.begin()
    } catch (error) {
      const busy = error instanceof RetortError && error.code === 'project-busy'
      if (!busy || performance.now() > end) throw error
      await wait(BUSY_PAUSE_MS)
    }
  }
}

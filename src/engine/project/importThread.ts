// Files read in a thread of their own, while this one keeps what was read: both are about as much work.
import { Worker } from 'node:worker_threads'
import { RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { collectGarbage } from '../memory.ts'
import { workerEntry } from '../workers/entry.ts'
import { LARGE_BATCH, readFile, type ReadEvent } from './importReader.ts'

/** What the thread gets. `shared`: how many characters were taken from it so far, and whether it is to end. */
export type ReadJob = { readonly paths: readonly string[]; readonly shared: Int32Array }
/** The events of one file after the other. */
export type ReadMessage =
  | ReadEvent
  | { readonly type: 'failed'; readonly error: RetortErrorParts | Error }

/** Places in `ReadJob.shared`. */
export const TAKEN = 0
export const ENDED = 1

/** Characters that the thread may be ahead; it waits with more, so that memory stays bounded. */
export const AHEAD = 6 * 1024 * 1024

/** Reads files one after the other. `next` is asked once for each, in order, and read to its end before the next. */
export type FileReader = {
  readonly next: (path: string) => AsyncIterable<ReadEvent>
  readonly dispose: () => void
}

/** Reads in this thread, as `next` is asked: for files so small that a thread would take longer to begin. */
export const readHere = (): FileReader => ({
  async *next(path) {
    for (const event of readFile(path)) {
      const large = event.type === 'batch' && event.batch.characters > LARGE_BATCH
      yield event
      if (large) collectGarbage()
    }
  },
  dispose: () => {},
})

/** Reads all files in a thread, from now on. `entry`: the file that the thread runs. */
export function readInThread(paths: readonly string[], entry = workerEntry('read')): FileReader {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const job: ReadJob = { paths, shared }
  const worker = new Worker(entry, { workerData: job, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 16 } })
  const waiting: ReadMessage[] = []
  let arrived: () => void = () => {}
  const arrive = (message: ReadMessage): void => {
    waiting.push(message)
    arrived()
  }
  worker.on('message', arrive)
  worker.on('error', (error) => arrive({ type: 'failed', error }))
  worker.on('exit', (code) => arrive({ type: 'failed', error: new Error(`the reading thread ended with code ${code}`) }))
  const take = async (): Promise<ReadMessage> => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (arrived = resolve))
    return waiting.shift()!
  }
  let heard = false
  let here: FileReader | null = null
  return {
    async *next(path) {
      if (here) {
        yield* here.next(path)
        return
      }
      for (;;) {
        const message = await take()
        // Where no thread can be had, as in a packaged app that cannot load its entry, this one reads after all.
        if (message.type === 'failed' && message.error instanceof Error && !heard) {
          here = readHere()
          yield* here.next(path)
          return
        }
        heard = true
        if (message.type === 'failed') throw message.error instanceof Error ? message.error : new RetortError(message.error)
        const characters = message.type === 'batch' ? message.batch.characters : null
        yield message
        if (characters === null) return
        // The next is asked for: this one is in the store, and the thread, which takes much memory for such, may go on.
        if (characters > LARGE_BATCH) collectGarbage()
        Atomics.add(shared, TAKEN, characters)
        Atomics.notify(shared, TAKEN)
      }
    },
    dispose: () => {
      Atomics.store(shared, ENDED, 1)
      Atomics.notify(shared, TAKEN)
      void worker.terminate()
    },
  }
}

// Entry of an import's reading thread: reads files one after the other, and waits when it is too far ahead of who takes them.
import { parentPort, workerData } from 'node:worker_threads'
import { errorParts, RetortError } from '../../shared/errors.ts'
import { collectGarbage } from '../memory.ts'
import { LARGE_BATCH, readFile, type ReadEvent } from '../project/importReader.ts'
import { AHEAD, ENDED, TAKEN, type ReadJob, type ReadMessage } from '../project/importThread.ts'

const { paths, shared } = workerData as ReadJob
const tell = (message: ReadMessage): void => parentPort!.postMessage(message)
const ended = (): boolean => Atomics.load(shared, ENDED) === 1

/** Of all batches so far. Both counts begin anew beyond 32 bits; their difference does not. */
let told = 0

function waitForRoom(): void {
  for (;;) {
    const taken = Atomics.load(shared, TAKEN)
    if (((told - taken) | 0) <= AHEAD || ended()) return
    Atomics.wait(shared, TAKEN, taken)
  }
}

/** Tells the next event; gives its number of characters, null after the last. What it was made of is garbage then. */
function tellNext(events: Iterator<ReadEvent>): number | null {
  const next = events.next()
  if (next.done) return null
  tell(next.value)
  return next.value.type === 'batch' ? next.value.batch.characters : 0
}

function readAll(): void {
  for (const path of paths) {
    const events = readFile(path)
    for (let characters = tellNext(events); characters !== null && !ended(); characters = tellNext(events)) {
      told = (told + characters) | 0
      if (characters > LARGE_BATCH) collectGarbage()
      waitForRoom()
    }
  }
}

try {
  readAll()
} catch (error) {
  tell({ type: 'failed', error: error instanceof RetortError ? errorParts(error) : (error as Error) })
}

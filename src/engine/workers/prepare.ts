// Entry of the preparation process: previews, new runs and exports, one after the other. What takes long blocks nobody here.
import '../runtime/noTelemetry.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'
import type { PlanPhase } from '../training/draftPlan.ts'
import { createPreparation } from '../training/preparation.ts'
import type { PreparationCommand, PreparationEvent, PreparationResults, PreparationTask } from '../training/preparationProtocol.ts'

/** Progress is told this often at most. */
const PROGRESS_MS = 50

const preparation = createPreparation()
const cancels = new Map<number, AbortController>()
let last: Promise<void> = Promise.resolve()

const send = (event: PreparationEvent): void => {
  if (process.connected) process.send?.(event, undefined, undefined, () => {})
}

function partsOf(error: unknown): RetortErrorParts {
  const known = knownError(error)
  if (known) return errorParts(known)
  return { code: 'preparation-failed', message: error instanceof Error ? error.message : String(error) }
}

function perform(id: number, task: PreparationTask, signal: AbortSignal): Promise<PreparationResults[keyof PreparationResults]> {
  let told = -Infinity
  const onProgress = (done: number, total: number, phase: PlanPhase): void => {
    if (performance.now() - told < PROGRESS_MS && done < total) return
    told = performance.now()
    send({ type: 'progress', id, done, total, phase })
  }
  switch (task.type) {
    case 'preview':
      return preparation.preview(task.request, { onProgress, signal })
    case 'create':
      return preparation.create(task.request, { onProgress, signal })
    case 'simulate':
      return preparation.simulate(task.request, { onProgress, signal })
    case 'complexity':
      return preparation.complexity(task.request, { onProgress, signal })
    case 'export':
      return preparation.export(task.request, { onProgress, signal })
  }
}

async function run(id: number, task: PreparationTask, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted()
    send({ type: 'done', id, result: await perform(id, task, signal) })
  } catch (error) {
    if (!signal.aborted && !(error instanceof RetortError)) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    send({ type: 'failed', id, error: partsOf(error) })
  } finally {
    cancels.delete(id)
  }
}

process.on('message', (command: PreparationCommand) => {
  if (command.type === 'cancel') return cancels.get(command.id)?.abort()
  const cancel = new AbortController()
  cancels.set(command.id, cancel)
  last = last.then(() => run(command.id, command.task, cancel.signal))
})
// Nobody is left to prepare for; a run's folder that is half made is removed by the next one.
process.on('disconnect', () => process.exit())
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
